// SPDX-License-Identifier: MIT
// model.c -- loading a model directory: choose the family, and let its tables fill Config and Weights.
//
// model_load() runs through the directory once: config.json and generation_config.json become JSON trees, the
// family's configure() reads the configuration, then the special token ids are looked up in both files, empty
// layers are allocated, and the family's find_weights() fills them from model.safetensors.
// All memory is one arena. After a failure the model is freed and the message names file and key or tensor.
#include "model/model.h"
#include "model/family.h"
#include <math.h>
#include <string.h>

Activation setting_activation(const Settings *s, const char *key, const char *absent)
{
    static const struct {
        const char *name;
        Activation activation;
    } known[] = {{"relu", RELU}, {"silu", SILU},         {"swish", SILU},
                 {"gelu", GELU}, {"gelu_new", GELU_NEW}, {"gelu_pytorch_tanh", GELU_NEW}};
    const char *name = absent ? setting_text_or(s, key, absent) : setting_text(s, key);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(name, known[i].name)) return known[i].activation;
    fail(s->error,
         "%s: key \"%s\": expected relu, swish, silu, gelu, gelu_new or gelu_pytorch_tanh, found \"%s\"",
         s->file, key, name);
    return RELU;
}

float setting_epsilon(const Settings *s, const char *key, float absent)
{
    const float epsilon = setting_real_or(s, key, absent);
    if (epsilon < 0)
        fail(s->error, "%s: key \"%s\": expected a number from 0, found %g", s->file, key, (double)epsilon);
    return epsilon;
}

// The family whose architecture config.json names; the message lists all that are known.
static const Family *family_of(const Settings *s)
{
    char found[80], known[200] = "";
    const Json *list = setting(s, "architectures");
    const Json *first = list && list->kind == JSON_ARRAY ? list->first : NULL;
    for (const Family *const *family = families; *family; family++) {
        if (first && first->kind == JSON_STRING && !strcmp((*family)->architecture, first->text))
            return *family;
        const size_t n = strlen(known);
        const char *between = !n ? "" : family[1] ? ", " : " or ";
        snprintf(known + n, sizeof known - n, "%s%s", between, (*family)->architecture);
    }
    fail(s->error, "%s: key \"architectures\": expected %s, found %s", s->file, known,
         json_describe(first ? first : list, found));
    return NULL;
}

// directory/file, in the model's memory.
static char *path_of(Model *m, const char *file)
{
    size_t length = strlen(m->directory) + strlen(file) + 2;
    char *path = arena_alloc(&m->memory, length, 1);
    snprintf(path, length, "%s/%s", m->directory, file);
    return path;
}

static bool file_exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file) fclose(file);
    return file != NULL;
}

static bool in_vocabulary(const Model *m, int id) { return id >= 0 && id < m->config.vocab; }

// Special tokens. As in Hugging Face's generate(), the start token defaults to bos. Ids outside of the
// vocabulary never occur, so they are dropped; only the start token has to exist.
static void read_ids(Model *m, const Settings *s)
{
    const Ids start = setting_ids(s, "decoder_start_token_id", &m->memory);
    const Ids bos = setting_ids(s, "bos_token_id", &m->memory);
    const Ids eos = setting_ids(s, "eos_token_id", &m->memory);
    m->ids = (TokenIds){.bos = bos.n && in_vocabulary(m, *bos.ids) ? *bos.ids : -1, .eos = {eos.ids, 0}};
    m->ids.start = start.n ? *start.ids : m->ids.bos;
    for (int i = 0; i < eos.n; i++)
        if (in_vocabulary(m, eos.ids[i])) m->ids.eos.ids[m->ids.eos.n++] = eos.ids[i];
    if (!m->config.has_encoder || in_vocabulary(m, m->ids.start)) return;
    const char *key = start.n || !bos.n ? "decoder_start_token_id" : "bos_token_id";
    fail(s->error, "%s: key \"%s\": the decoder starts with it: expected a token id from 0 to %d, found %s",
         s->file, key, m->config.vocab - 1, json_describe(setting(s, key), (char[80]){0}));
}

// What an attention has besides weights.
static void prepare_attention(Attention *a, const Config *c, const StackShape *shape, bool causal,
                              const char *name, int layer)
{
    *a = (Attention){.n_heads = shape->n_heads,
                     .head_dim = shape->head_dim,
                     .causal = causal,
                     .name = name,
                     .layer = layer};
    a->scale = c->scaled_scores ? 1 / sqrtf((float)shape->head_dim) : 1;
}

// Allocate the layers of both stacks, for the family's table to fill; 0 layers where there is no encoder.
static void prepare_stacks(Model *m)
{
    const Config *c = &m->config;
    Stack *encoder = &m->weights.encoder, *decoder = &m->weights.decoder;
    *encoder = (Stack){.n_layers = c->encoder.n_layers, .hidden_name = "encoder.hidden"};
    *decoder = (Stack){.n_layers = c->decoder.n_layers, .hidden_name = "decoder.hidden"};
    encoder->layers = arena_alloc(&m->memory, encoder->n_layers, sizeof *encoder->layers);
    decoder->layers = arena_alloc(&m->memory, decoder->n_layers, sizeof *decoder->layers);
    for (int l = 0; l < encoder->n_layers; l++) {
        encoder->layers[l] = (Layer){0};
        prepare_attention(&encoder->layers[l].self, c, &c->encoder, false, "encoder.self_attention", l);
    }
    for (int l = 0; l < decoder->n_layers; l++) {
        decoder->layers[l] = (Layer){0};
        prepare_attention(&decoder->layers[l].self, c, &c->decoder, true, "decoder.self_attention", l);
        if (c->has_encoder)
            prepare_attention(&decoder->layers[l].cross, c, &c->decoder, false, "decoder.cross_attention", l);
    }
}

// From one file. Sharded checkpoints (an index and several files) are refused.
static void read_weights(Model *m, const Family *family, int panel_width, Error *error)
{
    const char *path = path_of(m, "model.safetensors"), *sharded = path_of(m, "model.safetensors.index.json");
    Loader loader = {
        .config = &m->config, .memory = &m->memory, .panel_width = panel_width, .prefix = "", .error = error};
    if (!file_exists(path) && file_exists(sharded)) {
        fail(error, "%s: a checkpoint in several files (sharded) is not supported, expected one file %s",
             sharded, path);
        return;
    }
    if (!checkpoint_open(&loader.file, path, error)) return;
    prepare_stacks(m);
    family->find_weights(&loader, m);
    checkpoint_close(&loader.file);
    arena_free(&loader.scratch);
}

bool model_load(Model *m, const char *directory, int panel_width, Error *error)
{
    *m = (Model){.directory = directory};
    const char *generation_file = path_of(m, "generation_config.json");
    const Settings config = settings_read(&m->memory, path_of(m, "config.json"), error);
    Settings stored = config;
    if (file_exists(generation_file)) stored = settings_read(&m->memory, generation_file, error);
    m->stored = stored.object;
    m->stored_file = stored.file;
    const Family *family = error->set ? NULL : family_of(&config);
    if (family) family->configure(&config, m);
    if (!error->set) read_ids(m, &stored);
    if (!error->set) read_weights(m, family, panel_width, error);
    if (error->set) model_free(m);
    return !error->set;
}

void model_free(Model *m) { arena_free(&m->memory); }

bool is_end(const TokenIds *ids, int token)
{
    for (int i = 0; i < ids->eos.n; i++)
        if (ids->eos.ids[i] == token) return true;
    return false;
}

// 0 for a projection that the model does not have.
static size_t linear_bytes(const Linear *l)
{
    return l->weight.values ? sizeof(float) * l->weight.n_out * (l->weight.n_in + (l->bias != NULL)) : 0;
}

static size_t attention_bytes(const Attention *a)
{
    return linear_bytes(&a->query) + linear_bytes(&a->key) + linear_bytes(&a->value) +
           linear_bytes(&a->output);
}

size_t model_weight_bytes(const Model *m, bool encoder)
{
    const Stack *stack = encoder ? &m->weights.encoder : &m->weights.decoder;
    size_t bytes = encoder ? 0 : linear_bytes(&m->weights.lm_head);
    for (int l = 0; l < stack->n_layers; l++) {
        const Layer *layer = &stack->layers[l];
        bytes += attention_bytes(&layer->self) + attention_bytes(&layer->cross);
        bytes += linear_bytes(&layer->ff_in) + linear_bytes(&layer->ff_gate) + linear_bytes(&layer->ff_out);
    }
    return bytes;
}
