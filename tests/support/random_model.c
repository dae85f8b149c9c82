// SPDX-License-Identifier: MIT
// random_model.c -- the names and shapes of each architecture once more, independent of the tables in
// 01_attention/model.
#include "random_model.h"
#include "made_files.h"
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct {
    RandomModel is; // with the defaults filled in
    Bytes header, data;
} Writer;

typedef struct {
    char text[200];
} Name;

static Name name_of(const char *format, ...)
{
    Name name;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name.text, sizeof name.text, format, arguments);
    va_end(arguments);
    return name;
}

// ---- numbers ----------------------------------------------------------------------------------------------

static uint64_t mixed(uint64_t x) // the finalizer of SplitMix64 (Steele et al. 2014)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static uint64_t stream_of(unsigned seed, const char *key)
{
    uint64_t stream = mixed(seed);
    for (; *key; key++) stream = mixed(stream ^ (unsigned char)*key);
    return stream;
}

static void add_number(Bytes *out, float value, const char *dtype)
{
    uint32_t bits;
    uint64_t bits_of_double;
    const double number = value;
    memcpy(&bits, &value, 4);
    memcpy(&bits_of_double, &number, 8);
    if (!strcmp(dtype, "F32")) bytes_add_little_endian(out, bits, 4);
    else if (!strcmp(dtype, "F64")) bytes_add_little_endian(out, bits_of_double, 8);
    else if (!strcmp(dtype, "I32")) bytes_add_little_endian(out, (uint64_t)(int64_t)value, 4);
    else if (!strcmp(dtype, "BF16")) {
        assert(!(bits & 0xFFFF)); // exact
        bytes_add_little_endian(out, bits >> 16, 2);
    } else {
        const uint32_t exponent = bits >> 23 & 0xFF; // of F32, biased by 127; of F16, by 15
        assert(!strcmp(dtype, "F16") && !(bits & 0x1FFF) &&
               (!exponent || (exponent > 112 && exponent < 143)));
        const uint32_t magnitude = exponent ? (exponent - 112) << 10 | (bits >> 13 & 0x3FF) : 0;
        bytes_add_little_endian(out, (bits >> 16 & 0x8000) | magnitude, 2);
    }
}

// ---- tensors ----------------------------------------------------------------------------------------------

// Numbers evenly distributed in middle +- spread. They depend on `key`, not on the tensor's name in the file.
static void add_tensor(Writer *w, const char *key, const char *name, const char *shape, int count,
                       float middle, float spread)
{
    const RandomModel *m = &w->is;
    const char *dtype = m->odd && !strcmp(m->odd, name) ? m->odd_dtype : m->dtype;
    const size_t begin = w->data.n;
    uint64_t stream = stream_of(m->seed, key);
    if (m->without && !strcmp(m->without, name)) return;
    for (int i = 0; i < count; i++) {
        stream = mixed(stream);
        add_number(&w->data, middle + spread * ((float)(stream % 127) - 63) / 64, dtype);
    }
    safetensors_add(&w->header, name, dtype, shape, begin, w->data.n);
}

// (rows, columns), or (columns) if rows is 0
static void add_table(Writer *w, const char *key, const char *name, int rows, int columns, float spread)
{
    const Name shape = rows ? name_of("%d, %d", rows, columns) : name_of("%d", columns);
    add_tensor(w, key, name, shape.text, rows ? rows * columns : columns, 0, spread);
}

// A power of two such that n_in products with inputs around 1 sum up to around 1; and twice that where the
// result is added to the tokens' own vectors: they must not prevail, or the model repeats what it reads.
static float spread_of(int n_in, const char *base)
{
    static const char *const added[] = {".q_proj", ".fc2", ".wo", "mlp.c_proj", ".c_attn"};
    float spread = 1;
    while (spread > 2.6f / sqrtf((float)n_in)) spread /= 2;
    for (int i = 0; i < 5; i++) {
        const size_t n = strlen(base), m = strlen(added[i]);
        if (n > m && !strcmp(base + n - m, added[i])) spread *= 2;
    }
    return spread;
}

// base.weight (n_out, n_in), and base.bias (n_out) if the architecture has biases
static void add_linear(Writer *w, int n_in, int n_out, bool bias, const char *base)
{
    const Name weight = name_of("%s.weight", base), b = name_of("%s.bias", base);
    add_table(w, weight.text, weight.text, n_out, n_in, spread_of(n_in, base));
    if (bias) add_table(w, b.text, b.text, 0, n_out, 0.25f);
}

static void add_norm(Writer *w, bool bias, const char *base)
{
    const Name weight = name_of("%s.weight", base), b = name_of("%s.bias", base);
    add_tensor(w, weight.text, weight.text, name_of("%d", w->is.d_model).text, w->is.d_model, 1, 0.5f);
    if (bias) add_table(w, b.text, b.text, 0, w->is.d_model, 0.25f);
}

// Tables under the names in a list: with the numbers of `key`, or, if that is NULL, each with its own.
static void add_tables(Writer *w, const char *key, const char *names, float spread)
{
    while (*names) {
        const int n = (int)strcspn(names, " ");
        const Name name = name_of("%.*s", n, names);
        add_table(w, key ? key : name.text, name.text, w->is.vocab, w->is.d_model, spread);
        names += n + strspn(names + n, " ");
    }
}

// Bytes of a type that cannot be read, under a name that no model asks for.
static void add_dead(Writer *w, const char *name, const char *dtype, const char *shape, int n_bytes)
{
    const size_t begin = w->data.n;
    for (int i = 0; i < n_bytes; i++) bytes_add(&w->data, "\xFE", 1);
    safetensors_add(&w->header, name, dtype, shape, begin, w->data.n);
}

// ---- the architectures ------------------------------------------------------------------------------------

static void marian_stack(Writer *w, const char *stack, const StackShape *shape, bool cross)
{
    const int D = w->is.d_model, F = shape->d_ff;
    for (int i = 0; i < shape->n_layers; i++) {
        const Name layer = name_of("model.%s.layers.%d", stack, i);
        for (int part = 0; part <= cross; part++) {
            const char *kind = part ? "encoder_attn" : "self_attn";
            for (const char *p = "qkv"; *p; p++)
                add_linear(w, D, D, true, name_of("%s.%s.%c_proj", layer.text, kind, *p).text);
            add_linear(w, D, D, true, name_of("%s.%s.out_proj", layer.text, kind).text);
            add_norm(w, true, name_of("%s.%s_layer_norm", layer.text, kind).text);
        }
        add_linear(w, D, F, true, name_of("%s.fc1", layer.text).text);
        add_linear(w, F, D, true, name_of("%s.fc2", layer.text).text);
        add_norm(w, true, name_of("%s.final_layer_norm", layer.text).text);
    }
    const Name positions = name_of("model.%s.embed_positions.weight", stack);
    if (w->is.stored_positions) add_table(w, positions.text, positions.text, w->is.max_positions, D, 1);
}

static void marian_tensors(Writer *w)
{
    const RandomModel *m = &w->is;
    const char *const encoder = "model.encoder.embed_tokens.weight";
    add_tensor(w, "bias", "final_logits_bias", name_of("1, %d", m->vocab).text, m->vocab, 0, 1);
    add_tables(w, "embedding", m->embedding, 0.5f);
    if (m->source_vocab) add_table(w, encoder, encoder, m->source_vocab, m->d_model, 1);
    marian_stack(w, "encoder", &m->encoder, false);
    marian_stack(w, "decoder", &m->decoder, true);
    if (m->dead_tensors) add_dead(w, "model.encoder.embed_positions.num_embeddings", "I64", "", 8);
}

static void marian_config(const RandomModel *m, Bytes *out)
{
    bytes_print(out, "\"encoder_layers\": %d,\n\"encoder_attention_heads\": %d,\n\"encoder_ffn_dim\": %d,\n",
                m->encoder.n_layers, m->encoder.n_heads, m->encoder.d_ff);
    bytes_print(out, "\"decoder_layers\": %d,\n\"decoder_attention_heads\": %d,\n\"decoder_ffn_dim\": %d,\n",
                m->decoder.n_layers, m->decoder.n_heads, m->decoder.d_ff);
    bytes_print(out, "\"d_model\": %d,\n\"vocab_size\": %d,\n\"decoder_vocab_size\": %d,\n", m->d_model,
                m->source_vocab ? m->source_vocab : m->vocab, m->vocab);
    bytes_print(
        out, "\"max_position_embeddings\": %d,\n\"activation_function\": \"%s\",\n\"scale_embedding\": %s,\n",
        m->max_positions, m->activation, m->scale_embedding ? "true" : "false");
    bytes_print(out, "\"share_encoder_decoder_embeddings\": %s,\n\"static_position_embeddings\": true,\n",
                m->source_vocab ? "false" : "true");
}

static void t5_attention(Writer *w, const char *base)
{
    const int D = w->is.d_model, kv_width = w->is.encoder.n_heads * w->is.encoder.head_dim;
    for (const char *p = "qkv"; *p; p++) add_linear(w, D, kv_width, false, name_of("%s.%c", base, *p).text);
    add_linear(w, kv_width, D, false, name_of("%s.o", base).text);
}

static void t5_feed_forward(Writer *w, const char *layer)
{
    const int D = w->is.d_model, F = w->is.encoder.d_ff;
    const bool gated = !strncmp(w->is.activation, "gated-", 6);
    const Name dense = name_of("%s.DenseReluDense", layer);
    add_linear(w, D, F, false, name_of(gated ? "%s.wi_0" : "%s.wi", dense.text).text);
    if (gated) add_linear(w, D, F, false, name_of("%s.wi_1", dense.text).text);
    add_linear(w, F, D, false, name_of("%s.wo", dense.text).text);
}

static void t5_stack(Writer *w, const char *stack, int n_layers, bool cross)
{
    const RandomModel *m = &w->is;
    for (int i = 0; i < n_layers; i++) {
        int part = 0;
        Name layer = name_of("%s.block.%d.layer.%d", stack, i, part++);
        const Name bias = name_of("%s.SelfAttention.relative_attention_bias.weight", layer.text);
        t5_attention(w, name_of("%s.SelfAttention", layer.text).text);
        if (!i || !m->shared_bias) add_table(w, bias.text, bias.text, m->n_buckets, m->encoder.n_heads, 2);
        add_norm(w, false, name_of("%s.layer_norm", layer.text).text);
        if (cross) {
            layer = name_of("%s.block.%d.layer.%d", stack, i, part++);
            t5_attention(w, name_of("%s.EncDecAttention", layer.text).text);
            add_norm(w, false, name_of("%s.layer_norm", layer.text).text);
        }
        layer = name_of("%s.block.%d.layer.%d", stack, i, part);
        t5_feed_forward(w, layer.text);
        add_norm(w, false, name_of("%s.layer_norm", layer.text).text);
    }
    add_norm(w, false, name_of("%s.final_layer_norm", stack).text);
}

static void t5_tensors(Writer *w)
{
    const RandomModel *m = &w->is;
    const char *const dead = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";
    add_tables(w, "embedding", m->embedding, 2);
    t5_stack(w, "encoder", m->encoder.n_layers, false);
    t5_stack(w, "decoder", m->decoder.n_layers, true);
    if (m->dead_tensors) add_table(w, dead, dead, m->n_buckets, m->encoder.n_heads, 64);
    if (m->dead_tensors) add_dead(w, "encoder.dead", "F64", "2", 16);
}

static void t5_config(const RandomModel *m, Bytes *out)
{
    bytes_print(out,
                "\"num_layers\": %d,\n\"num_decoder_layers\": %d,\n\"num_heads\": %d,\n\"d_kv\": "
                "%d,\n\"d_ff\": %d,\n",
                m->encoder.n_layers, m->decoder.n_layers, m->encoder.n_heads, m->encoder.head_dim,
                m->encoder.d_ff);
    bytes_print(out, "\"d_model\": %d,\n\"vocab_size\": %d,\n\"feed_forward_proj\": \"%s\",\n", m->d_model,
                m->vocab, m->activation);
    bytes_print(out, "\"relative_attention_num_buckets\": %d,\n\"relative_attention_max_distance\": %d,\n",
                m->n_buckets, m->max_distance);
}

// Conv1D: stored (n_in, n_out).
static void add_conv1d(Writer *w, int n_in, int n_out, const char *prefix, const char *base)
{
    const Name weight = name_of("%s.weight", base), bias = name_of("%s.bias", base);
    add_table(w, weight.text, name_of("%s%s", prefix, weight.text).text, n_in, n_out, spread_of(n_in, base));
    add_table(w, bias.text, name_of("%s%s", prefix, bias.text).text, 0, n_out, 0.25f);
}

static void gpt2_norm(Writer *w, const char *prefix, const char *base)
{
    const int D = w->is.d_model;
    const Name shape = name_of("%d", D), weight = name_of("%s.weight", base), bias = name_of("%s.bias", base);
    add_tensor(w, weight.text, name_of("%s%s", prefix, weight.text).text, shape.text, D, 1, 0.5f);
    add_tensor(w, bias.text, name_of("%s%s", prefix, bias.text).text, shape.text, D, 0, 0.25f);
}

static void gpt2_tensors(Writer *w)
{
    const RandomModel *m = &w->is;
    const char *const prefix = m->transformer_prefix ? "transformer." : "";
    const int D = m->d_model, F = m->decoder.d_ff ? m->decoder.d_ff : 4 * D, P = m->max_positions;
    add_tables(w, "embedding", m->embedding, 1);
    add_table(w, "positions", name_of("%swpe.weight", prefix).text, P, D, 1);
    for (int i = 0; i < m->decoder.n_layers; i++) {
        gpt2_norm(w, prefix, name_of("h.%d.ln_1", i).text);
        add_conv1d(w, D, 3 * D, prefix, name_of("h.%d.attn.c_attn", i).text);
        add_conv1d(w, D, D, prefix, name_of("h.%d.attn.c_proj", i).text);
        gpt2_norm(w, prefix, name_of("h.%d.ln_2", i).text);
        add_conv1d(w, D, F, prefix, name_of("h.%d.mlp.c_fc", i).text);
        add_conv1d(w, F, D, prefix, name_of("h.%d.mlp.c_proj", i).text);
        if (!m->dead_tensors) continue; // mask buffers
        add_dead(w, name_of("%sh.%d.attn.bias", prefix, i).text, "BOOL", name_of("1, 1, %d, %d", P, P).text,
                 P * P);
        add_dead(w, name_of("%sh.%d.attn.masked_bias", prefix, i).text, "F32", "", 4);
    }
    gpt2_norm(w, prefix, "ln_f");
}

static void gpt2_config(const RandomModel *m, Bytes *out)
{
    bytes_print(
        out,
        "\"n_embd\": %d,\n\"vocab_size\": %d,\n\"n_layer\": %d,\n\"n_head\": %d,\n\"n_positions\": %d,\n",
        m->d_model, m->vocab, m->decoder.n_layers, m->decoder.n_heads, m->max_positions);
    bytes_print(out, "\"activation_function\": \"%s\",\n\"n_inner\": ", m->activation);
    bytes_print(out, m->decoder.d_ff ? "%d,\n" : "null,\n", m->decoder.d_ff);
}

// ---- the directory ----------------------------------------------------------------------------------------

typedef struct {
    const char *architecture;
    StackShape encoder, decoder;
    const char *activation, *embedding, *config;
    void (*add_config)(const RandomModel *m, Bytes *out);
    void (*add_tensors)(Writer *w);
} Kind;

static const Kind *kind_of(const char *architecture)
{
    static const char ids[] = "\"decoder_start_token_id\": 0,\n\"pad_token_id\": 0,\n\"eos_token_id\": 1,\n"
                              "\"bad_words_ids\": [[0]],\n\"forced_eos_token_id\": null";
    static const char ids_of_gpt2[] = "\"bos_token_id\": 1,\n\"eos_token_id\": 1,\n\"pad_token_id\": 0";
    static const Kind kinds[] = {
        {"MarianMTModel",
         {2, 4, 0, 27},
         {3, 2, 0, 33},
         "relu",
         "model.shared.weight",
         ids,
         marian_config,
         marian_tensors},
        {"T5ForConditionalGeneration",
         {2, 3, 7, 27},
         {3, 0, 0, 0},
         "relu",
         "shared.weight",
         ids,
         t5_config,
         t5_tensors},
        {"MT5ForConditionalGeneration",
         {2, 3, 7, 27},
         {3, 0, 0, 0},
         "gated-gelu",
         "shared.weight",
         ids,
         t5_config,
         t5_tensors},
        {"UMT5ForConditionalGeneration",
         {2, 3, 7, 27},
         {3, 0, 0, 0},
         "gated-silu",
         "shared.weight",
         ids,
         t5_config,
         t5_tensors},
        {"GPT2LMHeadModel",
         {0, 0, 0, 0},
         {3, 2, 0, 0},
         "gelu_new",
         "wte.weight",
         ids_of_gpt2,
         gpt2_config,
         gpt2_tensors},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].architecture, architecture)) return &kinds[i];
    assert(!"an architecture that exists");
    return NULL;
}

static void set_int(int *value, int otherwise)
{
    if (!*value) *value = otherwise;
}

static void set_text(const char **value, const char *otherwise)
{
    if (!*value) *value = otherwise;
}

static void set_shape(StackShape *shape, const StackShape *otherwise)
{
    set_int(&shape->n_layers, otherwise->n_layers);
    set_int(&shape->n_heads, otherwise->n_heads);
    set_int(&shape->head_dim, otherwise->head_dim);
    set_int(&shape->d_ff, otherwise->d_ff);
}

static RandomModel with_defaults(const RandomModel *what, const Kind *kind)
{
    RandomModel m = *what;
    set_int(&m.d_model, 20);
    set_int(&m.vocab, 13);
    set_int(&m.max_positions, 16);
    set_int(&m.n_buckets, 8);
    set_int(&m.max_distance, 20);
    set_shape(&m.encoder, &kind->encoder);
    set_shape(&m.decoder, &kind->decoder);
    set_text(&m.activation, kind->activation);
    set_text(&m.dtype, "F32");
    if (m.transformer_prefix) set_text(&m.embedding, "transformer.wte.weight");
    if (m.source_vocab) set_text(&m.embedding, "model.decoder.embed_tokens.weight");
    set_text(&m.embedding, kind->embedding);
    set_text(&m.config, kind->config);
    return m;
}

void random_model(const char *directory, const RandomModel *what)
{
    const Kind *kind = kind_of(what->architecture);
    Writer w = {.is = with_defaults(what, kind)};
    Bytes config = {0};
    const Name config_file = name_of("%s/config.json", directory),
               generation = name_of("%s/generation_config.json", directory);
    directory_make(directory);
    bytes_print(&config, "{\n\"architectures\": [\"%s\"],\n", kind->architecture);
    kind->add_config(&w.is, &config);
    bytes_print(&config, "\"tie_word_embeddings\": %s,\n%s\n}\n", w.is.untied_lm_head ? "false" : "true",
                w.is.config);
    text_make(config_file.text, config.bytes);
    remove(generation.text);
    if (what->generation) text_make(generation.text, what->generation);
    kind->add_tensors(&w);
    if (what->untied_lm_head) add_tables(&w, "head", "lm_head.weight", 0.5f);
    if (what->own_tables) add_tables(&w, NULL, what->own_tables, 0.5f);
    bytes_print(&w.header, "}");
    safetensors_make(name_of("%s/model.safetensors", directory).text, w.header.bytes, w.data.bytes, w.data.n);
    bytes_free(&config);
    bytes_free(&w.header);
    bytes_free(&w.data);
}

void random_model_load(Model *model, const RandomModel *what)
{
    Error error = {0};
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    // The time, and an address that differs from process to process.
    const Name directory = name_of(TEST_DIR "/%lld-%ld-%llx", (long long)now.tv_sec, now.tv_nsec,
                                   (unsigned long long)(uintptr_t)&now);
    random_model(directory.text, what);
    if (!model_load(model, directory.text, PANEL_WIDTH, &error)) report(&error);
    assert(!error.set);
    model->directory = arena_text(&model->memory, directory.text, strlen(directory.text));
    static const char *const files[] = {"/config.json", "/generation_config.json", "/model.safetensors", ""};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        remove(name_of("%s%s", directory.text, files[i]).text);
}

const RandomModel *random_models(int *n)
{
    static const char marian_ids[] = // as converted from Marian: end 0, pad and start last
        "{\"decoder_start_token_id\": 16, \"pad_token_id\": 16, \"eos_token_id\": 0, "
        "\"forced_eos_token_id\": 0, \"bad_words_ids\": [[16]]}";
    static const RandomModel models[] = {
        // seeds with which no model repeats one token for ever
        {.name = "Marian, swish, odd sizes",
         .architecture = "MarianMTModel",
         .d_model = 20,
         .vocab = 17,
         .activation = "swish",
         .scale_embedding = true,
         .generation = marian_ids,
         .seed = 10},
        {.name = "Marian, gelu, two vocabularies, own lm_head, BF16",
         .architecture = "MarianMTModel",
         .d_model = 18,
         .vocab = 11,
         .source_vocab = 14,
         .encoder = {3, 3, 0, 50},
         .decoder = {1, 6, 0, 17},
         .activation = "gelu",
         .untied_lm_head = true,
         .dtype = "BF16",
         .seed = 40},
        {.name = "Marian, relu, stored positions, F16",
         .architecture = "MarianMTModel",
         .d_model = 33,
         .encoder = {1, 1, 0, 40},
         .decoder = {2, 11, 0, 70},
         .activation = "relu",
         .stored_positions = true,
         .dead_tensors = true,
         .dtype = "F16",
         .seed = 40},
        {.name = "T5, relu, shared bias, dead tensors",
         .architecture = "T5ForConditionalGeneration",
         .n_buckets = 10,
         .shared_bias = true,
         .dead_tensors = true,
         .seed = 10},
        {.name = "UMT5, gated silu, bias per layer, own lm_head",
         .architecture = "UMT5ForConditionalGeneration",
         .d_model = 23,
         .vocab = 15,
         .encoder = {1, 5, 6, 37},
         .decoder = {4, 0, 0, 0},
         .untied_lm_head = true,
         .dtype = "BF16",
         .seed = 28},
        {.name = "GPT-2, odd sizes, n_inner, mask buffers",
         .architecture = "GPT2LMHeadModel",
         .d_model = 21,
         .decoder = {3, 3, 0, 35},
         .dead_tensors = true,
         .seed = 15},
        {.name = "GPT-2, prefix, relu, F16",
         .architecture = "GPT2LMHeadModel",
         .d_model = 30,
         .vocab = 11,
         .decoder = {2, 5, 0, 0},
         .activation = "relu",
         .transformer_prefix = true,
         .dtype = "F16",
         .seed = 4},
    };
    *n = sizeof models / sizeof *models;
    return models;
}
