// SPDX-License-Identifier: MIT
// The weights of a model: the same numbers however they are stored; and what is missing or wrong is named.
#include "check.h"
#include "model/checkpoint.h"
#include "model/positions.h"
#include "loads.h"
#include "made_files.h"
#include <float.h>

// ---- the same numbers, however they are stored ------------------------------------------------------------

static void check_same_numbers(const float *a, const float *b, size_t n, const char *what)
{
    CHECK(!a == !b, "%s: one is absent", what);
    if (a && b) CHECK_BITS(a, b, n, what);
}

static void check_same_matrix(const Matrix *a, const Matrix *b, const char *what)
{
    CHECK(a->n_in == b->n_in && a->n_out == b->n_out, "%s: %d, %d; %d, %d", what, a->n_in, a->n_out, b->n_in,
          b->n_out);
    check_same_numbers(a->values, b->values, a->values ? matrix_floats(a) : 0, what);
}

static void check_same_linear(const Linear *a, const Linear *b, const char *what)
{
    check_same_matrix(&a->weight, &b->weight, what);
    check_same_numbers(a->bias, b->bias, a->weight.n_out, what);
}

static void check_same_norm(const Norm *a, const Norm *b, int D, const char *what)
{
    check_same_numbers(a->weight, b->weight, D, what);
    check_same_numbers(a->bias, b->bias, D, what);
}

static void check_same_attention(const Attention *a, const Attention *b, const char *what)
{
    CHECK(a->n_heads == b->n_heads && a->head_dim == b->head_dim && a->causal == b->causal &&
              a->max_distance == b->max_distance,
          "%s", what);
    check_same_linear(&a->query, &b->query, what);
    check_same_linear(&a->key, &b->key, what);
    check_same_linear(&a->value, &b->value, what);
    check_same_linear(&a->output, &b->output, what);
    check_same_numbers(a->bias, b->bias, (size_t)a->n_heads * (2 * a->max_distance + 1), what);
}

static void check_same_stack(const Stack *a, const Stack *b, const Config *c, const char *what)
{
    CHECK(a->n_layers == b->n_layers, "%s: %d and %d layers", what, a->n_layers, b->n_layers);
    check_same_matrix(&a->embedding, &b->embedding, what);
    check_same_numbers(a->positions, b->positions, (size_t)c->max_positions * c->d_model, what);
    check_same_norm(&a->final_norm, &b->final_norm, c->d_model, what);
    for (int l = 0; l < a->n_layers; l++) {
        const Layer *s = &a->layers[l], *t = &b->layers[l];
        check_same_attention(&s->self, &t->self, what);
        check_same_attention(&s->cross, &t->cross, what);
        check_same_norm(&s->self_norm, &t->self_norm, c->d_model, what);
        check_same_norm(&s->cross_norm, &t->cross_norm, c->d_model, what);
        check_same_norm(&s->ff_norm, &t->ff_norm, c->d_model, what);
        check_same_linear(&s->ff_in, &t->ff_in, what);
        check_same_linear(&s->ff_gate, &t->ff_gate, what);
        check_same_linear(&s->ff_out, &t->ff_out, what);
    }
}

static void check_same(const RandomModel *one, const RandomModel *other, const char *what)
{
    Model a, b;
    random_model_load(&a, one);
    random_model_load(&b, other);
    if (a.config.has_encoder) check_same_stack(&a.weights.encoder, &b.weights.encoder, &a.config, what);
    check_same_stack(&a.weights.decoder, &b.weights.decoder, &a.config, what);
    check_same_linear(&a.weights.lm_head, &b.weights.lm_head, what);
    model_free(&a);
    model_free(&b);
}

static void storage(void)
{
    for (int kind = 0; kind < N_ARCHITECTURES; kind++) {
        const RandomModel one = {.architecture = architecture(kind), .stored_positions = true, .seed = 11};
        RandomModel other = one;
        other.dtype = "F16";
        check_same(&one, &other, "F16");
        other.dtype = "BF16";
        check_same(&one, &other, "BF16");
        other.dtype = "F64";
        check_same(&one, &other, "F64");
        other = one;
        other.dead_tensors = true; // [ST-40] of types that cannot be read, too
        check_same(&one, &other, "dead tensors");
        other = one;
        other.transformer_prefix = true;
        if (kind == GPT2) check_same(&one, &other, "names with a prefix");
    }
}

static void names_of_embeddings(void)
{
    static const struct {
        int kind;
        const char *names;
    } cases[] = {
        {.kind = MARIAN, "model.shared.weight"},
        {.kind = MARIAN, "model.decoder.embed_tokens.weight"},
        {.kind = MARIAN, "model.encoder.embed_tokens.weight"},
        {.kind = MARIAN, "lm_head.weight"},
        {.kind = MARIAN, "lm_head.weight model.encoder.embed_tokens.weight"},
        {.kind = MARIAN,
         "lm_head.weight model.shared.weight model.encoder.embed_tokens.weight "
         "model.decoder.embed_tokens.weight"},
        {.kind = T5, "shared.weight"},
        {.kind = T5, "encoder.embed_tokens.weight"},
        {.kind = UMT5, "decoder.embed_tokens.weight"},
        {.kind = UMT5, "decoder.embed_tokens.weight shared.weight encoder.embed_tokens.weight"},
        {.kind = T5, "shared.weight lm_head.weight"}, // a copy of a tied lm_head
        {.kind = GPT2, "wte.weight"},
        {.kind = MT5, "lm_head.weight"},
        {.kind = T5, "encoder.embed_tokens.weight lm_head.weight"},
        {.kind = GPT2, "lm_head.weight"},
        {.kind = GPT2, "wte.weight lm_head.weight"},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        const RandomModel one = {.architecture = architecture(cases[i].kind)};
        RandomModel other = one;
        other.embedding = cases[i].names;
        check_same(&one, &other, cases[i].names);
        Model m;
        random_model_load(&m, &other);
        const float *table = m.weights.decoder.embedding.values;
        CHECK(m.weights.lm_head.weight.values == table &&
                  (!m.config.has_encoder || m.weights.encoder.embedding.values == table),
              "%s: one table in memory", cases[i].names);
        model_free(&m);
    }
    // With two vocabularies the decoder's embeddings are the lm_head, even under its name or two names.
    const RandomModel one = {.architecture = architecture(MARIAN), .vocab = 11, .source_vocab = 14};
    RandomModel other = one;
    other.embedding = "lm_head.weight";
    check_same(&one, &other, "lm_head.weight alone");
    other.embedding = "lm_head.weight model.decoder.embed_tokens.weight";
    check_same(&one, &other, "lm_head.weight too");
    printf("%d sets of names\n", n + 2);
}

// The lm_head's own weights and the encoder's own embeddings are read where a model has them.
static void own_tables(void)
{
    for (int kind = 0; kind < N_ARCHITECTURES; kind++) {
        const RandomModel tied = {.architecture = architecture(kind)};
        RandomModel own = tied;
        Model a, b;
        own.untied_lm_head = true;
        random_model_load(&a, &tied);
        random_model_load(&b, &own);
        check_same_stack(&a.weights.decoder, &b.weights.decoder, &a.config, "all but the lm_head");
        const size_t n = matrix_floats(&a.weights.lm_head.weight);
        CHECK(memcmp(a.weights.lm_head.weight.values, b.weights.lm_head.weight.values, n * sizeof(float)),
              "%s: another lm_head", tied.architecture);
        const float *table = a.weights.decoder.embedding.values;
        CHECK(a.weights.lm_head.weight.values == table &&
                  (!a.config.has_encoder || a.weights.encoder.embedding.values == table),
              "%s: one table", tied.architecture);
        model_free(&a);
        model_free(&b);
    }
    Model m;
    random_model_load(&m, &(RandomModel){.architecture = architecture(MARIAN),
                                         .vocab = 11,
                                         .source_vocab = 14,
                                         .d_model = 4,
                                         .encoder = {1, 2, 0, 5}});
    CHECK(m.weights.encoder.embedding.values != m.weights.decoder.embedding.values && m.config.vocab == 11 &&
              m.config.source_vocab == 14,
          "two tables");
    CHECK(m.weights.lm_head.weight.n_out == 11 && m.weights.lm_head.bias,
          "an lm_head for the decoder's vocabulary, with bias");
    model_free(&m);
    static const char directory[] = TEST_DIR "/weights-own", config[] = TEST_DIR "/weights-own/config.json";
    Error error = {0};
    random_model(
        directory,
        &(RandomModel){.architecture = architecture(MARIAN), .source_vocab = 13, .untied_lm_head = true});
    Bytes before = file_replace(config, "\"share_encoder_decoder_embeddings\": false",
                                "\"share_encoder_decoder_embeddings\": true");
    CHECK(model_load(&m, directory, PANEL_WIDTH, &error), "%s", error.message);
    if (!error.set) {
        CHECK(memcmp(m.weights.encoder.embedding.values, m.weights.decoder.embedding.values, 4 * 13 * 20),
              "the file has two tables");
        model_free(&m);
    }
    bytes_free(&before);
    static const char *const names[] = {"model.encoder.embed_tokens.weight",
                                        "model.decoder.embed_tokens.weight"};
    static const char *const shapes[] = {"[14, 20]", "[13, 20]"};
    for (int i = 0; i < 2; i++) {
        random_model(
            directory,
            &(RandomModel){.architecture = architecture(MARIAN), .source_vocab = 14, .without = names[i]});
        CHECK_DOES_NOT_LOAD(directory, names[i], names[i], shapes[i], "found no such tensor");
    }
}

static const Matrix *slot(const Model *m, int i)
{
    const Weights *w = &m->weights;
    return i == 0 ? &w->encoder.embedding : i == 1 ? &w->decoder.embedding : &w->lm_head.weight;
}

// A table that a checkpoint has under its own name is used, even where the configuration calls it tied. The
// others stay one table.
static void tables_that_differ(void)
{
    static const struct {
        int kind;
        const char *name;
        int slot; // 0 encoder, 1 decoder, 2 lm_head
    } cases[] = {
        {MARIAN, "model.encoder.embed_tokens.weight", 0},
        {MARIAN, "model.decoder.embed_tokens.weight", 1},
        {MARIAN, "lm_head.weight", 2},
        {T5, "encoder.embed_tokens.weight", 0},
        {T5, "decoder.embed_tokens.weight", 1},
        {MT5, "decoder.embed_tokens.weight", 1},
        {MT5, "lm_head.weight", 2},
        {UMT5, "lm_head.weight", 2},
        {GPT2, "lm_head.weight", 2},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        Model one, other;
        RandomModel is = {.architecture = architecture(cases[i].kind)};
        random_model_load(&one, &is);
        is.own_tables = cases[i].name;
        random_model_load(&other, &is);
        for (int k = one.config.has_encoder ? 0 : 1; k < 3; k++) {
            const Matrix *a = slot(&one, k), *b = slot(&other, k);
            const bool same = !memcmp(a->values, b->values, sizeof(float) * matrix_floats(a));
            CHECK(same == (k != cases[i].slot), "%s %s: table %d", is.architecture, cases[i].name, k);
            CHECK((slot(&other, cases[i].slot)->values == b->values) == (k == cases[i].slot),
                  "%s: table %d is one of two", cases[i].name, k);
        }
        model_free(&one);
        model_free(&other);
    }
    printf("%d tables\n", n);
}

// ---- every tensor -----------------------------------------------------------------------------------------

// A checkpoint in memory, with its header as a text that can be changed.
typedef struct {
    const char *path;
    Bytes file;
    char *header; // 0-terminated copy
    size_t n_header;
} Opened;

static Opened opened(const char *path)
{
    Opened o = {path, file_bytes(path), NULL, 0};
    for (int i = 7; i >= 0; i--) o.n_header = o.n_header << 8 | (unsigned char)o.file.bytes[i];
    Bytes header = {0};
    bytes_add(&header, o.file.bytes + 8, o.n_header);
    o.header = header.bytes;
    return o;
}

// Write it with `old` replaced by `new`: the first one from the tensor's name on.
static void write_changed(const Opened *o, const char *name, const char *old, const char *new)
{
    char entry[300];
    snprintf(entry, sizeof entry, "\"%s\": {", name);
    const char *begin = strstr(o->header, entry), *at = begin ? strstr(begin, old) : NULL;
    CHECK(at, "%s has no %s", name, old);
    if (!at) return;
    Bytes header = {0};
    bytes_print(&header, "%.*s%s%s", (int)(at - o->header), o->header, new, at + strlen(old));
    safetensors_make(o->path, header.bytes, o->file.bytes + 8 + o->n_header, o->file.n - 8 - o->n_header);
    bytes_free(&header);
}

static void close_opened(Opened *o)
{
    bytes_free(&o->file);
    memory_resize(o->header, 0, 0);
}

// Does the name of a tensor end with one of a list, which ends with NULL?
static bool ends_like(const char *name, const char *const *ends)
{
    for (; *ends; ends++) {
        const size_t n = strlen(name), m = strlen(*ends);
        if (n >= m && !strcmp(name + n - m, *ends)) return true;
    }
    return false;
}

// The shape of a tensor as the header has it, and one of as many elements: with a 1 before or behind.
static void two_shapes(const Tensor *t, bool before, char shape[80], char other[80])
{
    const unsigned long long rows = t->shape[0], columns = t->rank > 1 ? t->shape[1] : 0;
    char sizes[60];
    if (t->rank == 2) snprintf(sizes, sizeof sizes, "%llu, %llu", rows, columns);
    else snprintf(sizes, sizeof sizes, "%llu", rows);
    snprintf(shape, 80, "[%s]", sizes);
    if (t->rank == 2 && rows == 1) snprintf(other, 80, "[%llu]", columns);
    else if (t->rank == 2 && before) snprintf(other, 80, "[1, %llu]", (unsigned long long)t->count);
    else snprintf(other, 80, before ? "[1, %s]" : "[%s, 1]", sizes);
}

// [ST-39, ST-40] One tensor under another name, of another shape, of another type: refused with a message
// that names what was expected and found, or accepted if the model can do without it.
static void check_tensor(const char *directory, const Opened *o, const Tensor *tensor, bool before)
{
    static const char *const dead[] = {
        ".attn.bias",   "masked_bias",    "EncDecAttention.relative_attention_bias.weight",
        "encoder.dead", "num_embeddings", NULL};
    static const char *const optional[] = {"final_logits_bias", "embed_positions.weight",
                                           "block.1.layer.0.SelfAttention.relative_attention_bias.weight",
                                           NULL};
    const char *name = tensor->name;
    char shape[80], other[80], subject[300], expected[100], found[100], quoted[300], renamed[300];
    two_shapes(tensor, before, shape, other);
    snprintf(subject, sizeof subject, "tensor %s: expected ", name);
    snprintf(expected, sizeof expected, "expected shape %s", shape);
    snprintf(found, sizeof found, "found %s", other);
    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    snprintf(renamed, sizeof renamed, "\"x%s\"", name);

    write_changed(o, name, quoted, renamed);
    if (ends_like(name, dead) || ends_like(name, optional)) CHECK_LOADS(directory, renamed);
    else CHECK_DOES_NOT_LOAD(directory, renamed, o->path, name, expected, "found no such tensor");
    if (ends_like(name, dead)) return; // which may have any shape and type

    write_changed(o, name, shape, other);
    CHECK_DOES_NOT_LOAD(directory, name, o->path, subject, expected, found);
    write_changed(o, name, "\"F32\"", "\"I32\"");
    CHECK_DOES_NOT_LOAD(directory, name, o->path, subject, "expected type F64, F32, F16 or BF16, found I32");
}

// Every tensor has one of two forms of its name: with the prefix of the family or without.
static void prefixes(void)
{
    static const char *const prefixes[N_ARCHITECTURES] = {"model.", "transformer.", "transformer.",
                                                          "transformer.", "transformer."};
    static const char directory[] = TEST_DIR "/weights-prefix",
                      weights[] = TEST_DIR "/weights-prefix/model.safetensors";
    for (int kind = 0; kind < N_ARCHITECTURES; kind++) {
        const RandomModel is = {.architecture = architecture(kind), .stored_positions = true};
        Model a, b;
        Error error = {0};
        random_model(directory, &is);
        Opened o = opened(weights);
        Bytes header = {0};
        const size_t n = strlen(prefixes[kind]);
        for (const char *at = o.header, *name; *at; at = name) { // every name follows a '{' or a line feed
            name = at + strcspn(at, "\n");
            if (*name) name++;
            if (at == o.header) bytes_add(&header, at++, 1);
            const bool has = !strncmp(at + 1, prefixes[kind], n);
            bytes_print(&header, "\"%s%.*s", has ? "" : prefixes[kind], (int)(name - at - 1 - (has ? n : 0)),
                        at + 1 + (has ? n : 0));
        }
        safetensors_make(weights, header.bytes, o.file.bytes + 8 + o.n_header, o.file.n - 8 - o.n_header);
        random_model_load(&a, &is);
        CHECK(model_load(&b, directory, PANEL_WIDTH, &error), "%s", error.message);
        if (!error.set) {
            check_same_stack(&a.weights.decoder, &b.weights.decoder, &a.config, prefixes[kind]);
            check_same_linear(&a.weights.lm_head, &b.weights.lm_head, prefixes[kind]);
            model_free(&b);
        }
        model_free(&a);
        bytes_free(&header);
        close_opened(&o);
    }
}

// The smallest float that is not subnormal, and two that are 0: per type, as the file has them.
static void subnormal_weights(void)
{
    static const char directory[] = TEST_DIR "/weights-subnormal",
                      weights[] = TEST_DIR "/weights-subnormal/model.safetensors";
    static const struct {
        const char *dtype;
        int n_bytes;
        uint64_t numbers[3];
    } cases[] = {
        {"F32", 4, {0x00800000, 0x007FFFFF, 0x80000001}},
        {"BF16", 2, {0x0080, 0x007F, 0x8001}},
        {"F64", 8, {0x3810000000000000, 0x37F0000000000000, 0x8000000000000001}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Model m;
        Error error = {0};
        float row[20];
        random_model(directory, &(RandomModel){.architecture = architecture(GPT2), .dtype = cases[i].dtype});
        Opened o = opened(weights); // the first tensor is that of the embeddings
        for (int k = 0; k < 3 * cases[i].n_bytes; k++)
            o.file.bytes[8 + o.n_header + (size_t)k] =
                (char)(cases[i].numbers[k / cases[i].n_bytes] >> 8 * (k % cases[i].n_bytes));
        file_make(weights, o.file.bytes, o.file.n);
        CHECK(model_load(&m, directory, PANEL_WIDTH, &error), "%s", error.message);
        matrix_row(row, &m.weights.decoder.embedding, 0);
        CHECK(row[0] == FLT_MIN && row[1] == 0 && row[2] == 0 && row[3] != 0, "%s: %g %g %g", cases[i].dtype,
              (double)row[0], (double)row[1], (double)row[2]);
        model_free(&m);
        close_opened(&o);
    }
}

static void every_tensor(void)
{
    static const char directory[] = TEST_DIR "/weights-tensors",
                      weights[] = TEST_DIR "/weights-tensors/model.safetensors";
    static const RandomModel models[] = {
        {.architecture = "MarianMTModel",
         .d_model = 4,
         .encoder = {1, 2, 0, 5},
         .decoder = {1, 1, 0, 3},
         .stored_positions = true,
         .dead_tensors = true},
        {.architecture = "UMT5ForConditionalGeneration",
         .d_model = 6,
         .encoder = {1, 2, 2, 5},
         .decoder = {2, 0, 0, 0},
         .dead_tensors = true},
        {.architecture = "T5ForConditionalGeneration",
         .d_model = 6,
         .encoder = {1, 2, 2, 5},
         .decoder = {1, 0, 0, 0},
         .shared_bias = true},
        {.architecture = "GPT2LMHeadModel", .d_model = 6, .decoder = {2, 3, 0, 5}, .dead_tensors = true},
        {.architecture = "GPT2LMHeadModel",
         .d_model = 6,
         .decoder = {1, 3, 0, 5},
         .transformer_prefix = true},
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        Checkpoint file;
        Error error = {0};
        random_model(directory, &models[i]);
        CHECK_LOADS(directory, "as it was made");
        Opened o = opened(weights);
        CHECK(checkpoint_open(&file, weights, &error), "%s", error.message);
        for (int t = 0; t < file.n_tensors; t++) check_tensor(directory, &o, &file.tensors[t], t % 2);
        printf("%s: %d tensors\n", models[i].architecture, file.n_tensors);
        checkpoint_close(&file);
        close_opened(&o);
    }
}

static void tensors_of_other_types(void)
{
    static const char directory[] = TEST_DIR "/weights-types";
    random_model(directory, &(RandomModel){.architecture = architecture(GPT2), // ST-39
                                           .odd = "h.1.ln_2.bias",
                                           .odd_dtype = "I32"});
    CHECK_DOES_NOT_LOAD(directory, "I32",
                        "tensor h.1.ln_2.bias: expected type F64, F32, F16 or BF16, found I32");
    random_model(directory, &(RandomModel){.architecture = architecture(GPT2),
                                           .odd = "h.1.ln_2.bias",
                                           .odd_dtype = "BF16"}); // a mixture
    CHECK_LOADS(directory, "one BF16");
    static const char weights[] = TEST_DIR "/weights-types/model.safetensors";
    Bytes before = file_replace(weights, "\"BF16\"", "\"BF99\"");
    CHECK_DOES_NOT_LOAD(directory, "unknown type", weights,
                        "tensor h.1.ln_2.bias: dtype: expected a type of the format, found \"BF99\"");
    bytes_free(&before);
}

// If one table is stored under several names, all must have its shape.
static void aliases_of_other_shape(void)
{
    static const char directory[] = TEST_DIR "/weights-aliases",
                      weights[] = TEST_DIR "/weights-aliases/model.safetensors";
    static const struct {
        const char *architecture, *names, *changed;
    } cases[] = {
        {.architecture = "MarianMTModel", "model.shared.weight lm_head.weight", "lm_head.weight"},
        {.architecture = "MarianMTModel",
         "model.shared.weight model.encoder.embed_tokens.weight",
         "model.encoder.embed_tokens.weight"},
        {.architecture = "MarianMTModel",
         "model.shared.weight model.decoder.embed_tokens.weight",
         "model.decoder.embed_tokens.weight"},
        {.architecture = "T5ForConditionalGeneration",
         "shared.weight decoder.embed_tokens.weight",
         "decoder.embed_tokens.weight"},
        {.architecture = "T5ForConditionalGeneration", "shared.weight lm_head.weight", "lm_head.weight"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        random_model(directory,
                     &(RandomModel){.architecture = cases[i].architecture, .embedding = cases[i].names});
        Opened o = opened(weights);
        write_changed(&o, cases[i].changed, "[13, 20]", "[20, 13]");
        CHECK_DOES_NOT_LOAD(directory, cases[i].names, weights, cases[i].changed,
                            "expected shape [13, 20], found [20, 13]");
        close_opened(&o);
    }
}

// ---- positions --------------------------------------------------------------------------------------------

static void stored_positions(void)
{
    Model computed, stored;
    Arena arena = {0};
    RandomModel is = {.architecture = architecture(MARIAN),
                      .d_model = 18,
                      .encoder = {1, 2, 0, 5},
                      .decoder = {1, 2, 0, 5}};
    random_model_load(&computed, &is);
    is.stored_positions = true;
    random_model_load(&stored, &is);
    const float *expected = sinusoidal_positions(&arena, 16, 18);
    CHECK_BITS(computed.weights.encoder.positions, expected, 16 * 18, "encoder");
    CHECK_BITS(computed.weights.decoder.positions, expected, 16 * 18, "decoder");
    const float *e = stored.weights.encoder.positions, *d = stored.weights.decoder.positions;
    CHECK(memcmp(e, expected, 4 * 16 * 18) && memcmp(d, expected, 4 * 16 * 18) && memcmp(e, d, 4 * 16 * 18),
          "each stack has its own");
    model_free(&computed);
    model_free(&stored);
    arena_free(&arena);
}

// The bias of each layer: its own, or that of layer 0; causal in the decoder only; none in cross-attention.
static void relative_bias_of_layers(void)
{
    for (int shared = 0; shared < 2; shared++) {
        Model m;
        random_model_load(
            &m,
            &(RandomModel){.architecture = architecture(UMT5), .shared_bias = shared, .dead_tensors = true});
        for (int decoder = 0; decoder < 2; decoder++) {
            const Stack *s = decoder ? &m.weights.decoder : &m.weights.encoder;
            const Attention *first = &s->layers[0].self;
            const size_t n = (size_t)first->n_heads * (2 * first->max_distance + 1);
            CHECK(first->max_distance == 20 && first->causal == decoder && first->bias, "max_distance %d",
                  first->max_distance);
            for (int l = 1; l < s->n_layers; l++)
                CHECK(shared == !memcmp(s->layers[l].self.bias, first->bias, n * sizeof(float)), "layer %d",
                      l);
            for (int l = 0; l < s->n_layers; l++)
                CHECK(!s->layers[l].cross.bias, "cross-attention of layer %d", l);
            for (int h = 0; h < first->n_heads; h++) {
                const float *row = first->bias + (size_t)h * 41;
                CHECK((row[21] == row[20]) == decoder && (row[40] == row[20]) == decoder,
                      "keys behind the query, head %d", h);
            }
        }
        model_free(&m);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"a model is the same in F64, F32, F16 and BF16, with dead tensors and with a prefix", storage},
        {"tied embeddings are found under all of their names", names_of_embeddings},
        {"an lm_head or an encoder with a table of its own uses it", own_tables},
        {"tied tables that differ are each used, equal ones are one", tables_that_differ},
        {"tensors are found with the prefix of their family and without", prefixes},
        {"subnormal weights count as 0", subnormal_weights},
        {"every tensor that is missing or of the wrong shape or type is named", every_tensor},
        {"tensors may have mixed types, but only types that can be read", tensors_of_other_types},
        {"aliases of a table must have its shape", aliases_of_other_shape},
        {"stored positions are used, absent ones computed", stored_positions},
        {"each layer has its own relative bias, or that of the first layer", relative_bias_of_layers},
    };
    return RUN_TESTS(tests);
}
