// SPDX-License-Identifier: MIT
// model.c -- loading a model directory: choose the family, and let its tables fill Config and Weights.
//
// model_load() runs through the directory once: config.json and generation_config.json become JSON trees, the
// family's configure() reads the configuration, then the special token ids are looked up in both files, empty
// layers are allocated, and the family's find_weights() fills them from the tensors.
// All memory is one arena. After a failure the model is freed and the message names file and key or tensor.
#include "model/model.h"
#include "model/family.h"
#include "model/files.h"
#include <math.h>
#include <string.h>

int setting_heads(const Settings *s, const char *key, int absent, int d_model)
{
    char expected[80];
    const int n_heads = setting_int_or(s, key, absent, 1, d_model);
    snprintf(expected, sizeof expected, "a divisor of the model's dimension %d", d_model);
    if (d_model % n_heads) setting_wrong(s, key, expected);
    return n_heads;
}

float setting_epsilon(const Settings *s, const char *key, float absent)
{
    const float epsilon = setting_real_or(s, key, absent);
    if (epsilon < 0) setting_wrong(s, key, "a number from 0");
    return epsilon;
}

static void append(char *list, size_t size, const char *between, const char *name)
{
    const size_t n = strlen(list);
    snprintf(list + n, size - n, "%s%s", between, name);
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(name, *names)) return true;
    return false;
}

// The first of "architectures" names a class, which decides if it is known; else "model_type" does.
static const Family *family_of(const Settings *s)
{
    char found[80], other[80], classes[200] = "", types[80] = "";
    const Json *list = setting(s, "architectures"), *type = setting(s, "model_type");
    const Json *first = list && list->kind == JSON_ARRAY ? list->first : NULL;
    for (const Family *const *f = families; first && first->kind == JSON_STRING && *f; f++)
        if (is_one_of(first->text, (*f)->architectures)) return *f;
    for (const Family *const *f = families; *f; f++) {
        if (type && type->kind == JSON_STRING && !strcmp(type->text, (*f)->model_type)) return *f;
        const char *between = f == families ? "" : f[1] ? ", " : " or ";
        append(classes, sizeof classes, between, (*f)->architectures[0]);
        append(types, sizeof types, between, (*f)->model_type);
    }
    fail(s->error,
         "%s: key \"architectures\": expected %s, found %s; key \"model_type\": expected %s, found %s",
         s->file, classes, json_describe(first ? first : list, found), types, json_describe(type, other));
    return NULL;
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
                     .of_encoder = shape == &c->encoder,
                     .name = name,
                     .layer = layer};
    a->scale = c->scaled_scores ? 1 / sqrtf((float)shape->head_dim) : 1;
    if (c->layer_scaled_scores) a->scale /= (float)(layer + 1);
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
        encoder->layers[l] = (Layer){.ff_name = "encoder.feed_forward"};
        prepare_attention(&encoder->layers[l].self, c, &c->encoder, false, "encoder.self_attention", l);
    }
    for (int l = 0; l < decoder->n_layers; l++) {
        decoder->layers[l] = (Layer){.ff_name = "decoder.feed_forward"};
        prepare_attention(&decoder->layers[l].self, c, &c->decoder, true, "decoder.self_attention", l);
        if (c->has_encoder)
            prepare_attention(&decoder->layers[l].cross, c, &c->decoder, false, "decoder.cross_attention", l);
    }
}

static void read_weights(Model *m, const Family *family, int panel_width, Error *error)
{
    Loader loader = {.config = &m->config,
                     .memory = &m->memory,
                     .panel_width = panel_width,
                     .prefix = family->prefix,
                     .error = error};
    if (!shards_open(&loader.shards, &m->memory, m->directory, error)) return;
    prepare_stacks(m);
    family->find_weights(&loader, m);
    shards_close(&loader.shards);
    arena_free(&loader.scratch);
}

bool model_load(Model *m, const char *directory, int panel_width, Error *error)
{
    *m = (Model){.directory = directory};
    const char *generation_file = path_of(&m->memory, directory, "generation_config.json");
    const char *config_file = path_of(&m->memory, directory, "config.json");
    // A directory is what has a "." in it. (Where fopen() opens no directory, "found" says enough as well.)
    if (!file_exists(config_file) && !file_exists(path_of(&m->memory, directory, ".")))
        fail(error, "expected a model directory (with config.json, model.safetensors), found \"%s\"",
             directory);
    const Settings config = settings_read(&m->memory, config_file, error);
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
