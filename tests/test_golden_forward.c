// SPDX-License-Identifier: MIT
// The forward pass against Hugging Face: every number of every golden case.
#include "golden.h"

// What the trace callback reported, in order.
typedef struct {
    const char *name;
    int layer, rows, columns;
    float *values; // (rows, columns)
} Record;
typedef struct {
    Record *records;
    int n, capacity;
    Arena arena;
} Recorder;

static void record(void *user, const char *name, int layer, int rows, int columns, const float *values)
{
    Recorder *r = user;
    if (r->n == r->capacity) {
        r->capacity = 2 * r->capacity + 16;
        r->records = memory_resize(r->records, r->capacity, sizeof *r->records);
    }
    float *copy = arena_floats(&r->arena, rows, columns);
    memcpy(copy, values, sizeof *copy * rows * columns);
    r->records[r->n++] = (Record){arena_text(&r->arena, name, strlen(name)), layer, rows, columns, copy};
}

static void recorder_free(Recorder *r)
{
    memory_resize(r->records, 0, 0);
    arena_free(&r->arena);
}

// One report per forward pass: all rows of a layer.
static int check_hidden(Golden *g, const Json *one, const Recorder *r)
{
    int n = 0;
    for (int i = 0; i < r->n; i++) {
        const Record *hidden = &r->records[i];
        char suffix[60];
        if (strcmp(hidden->name, "encoder.hidden") && strcmp(hidden->name, "decoder.hidden")) continue;
        snprintf(suffix, sizeof suffix, "%s.%d", hidden->name, hidden->layer);
        const uint64_t shape[] = {hidden->rows, hidden->columns};
        const float *expected = golden_tensor(g, one, suffix, 2, shape);
        for (int row = 0; expected && row < hidden->rows; row++)
            golden_check(g, suffix, row, hidden->values + (size_t)row * hidden->columns,
                         expected + (size_t)row * hidden->columns, hidden->columns);
        n += expected != NULL;
    }
    return n;
}

// One report per query: (H, keys it sees). The golden tensor: (H, n_queries, n_keys), 0 for keys not seen.
static int check_attention(Golden *g, const Json *one, const Recorder *r, const char *name, int layer,
                           int n_queries, int n_keys)
{
    char suffix[60], probabilities[60];
    int query = 0;
    snprintf(suffix, sizeof suffix, "%s.%d", name, layer);
    snprintf(probabilities, sizeof probabilities, "%s.probabilities", name);
    for (int i = 0; i < r->n; i++) {
        const Record *attention = &r->records[i];
        if (strcmp(attention->name, probabilities) || attention->layer != layer) continue;
        const uint64_t shape[] = {attention->rows, n_queries, n_keys};
        const float *expected = golden_tensor(g, one, suffix, 3, shape);
        if (!expected) return 0;
        for (int h = 0; h < attention->rows; h++) {
            const float *row = expected + ((size_t)h * n_queries + query) * n_keys;
            golden_check(g, suffix, query, attention->values + (size_t)h * attention->columns, row,
                         attention->columns);
            for (int k = attention->columns; k < n_keys; k++)
                CHECK(row[k] == 0, "%s: %s: row %d sees %d keys, fewer than it should", g->name, suffix,
                      query, attention->columns);
        }
        query++;
    }
    CHECK(query == n_queries, "%s: %s: %d queries, expected %d", g->name, suffix, query, n_queries);
    return 1;
}

static void compare_forward(Golden *g)
{
    const Config *c = &g->model.config;
    const int V = c->vocab;
    int n_cases = 0, n_tensors = 0;
    for (const Json *one = g->cases; one; one = one->next) { // what is computed first is compared first
        const Ids target = golden_ids(g, one, "target");
        if (!target.n) continue;
        const Input input = golden_input(g, one);
        const int T = target.n, S = input.n_source, n = input.n_prompt + T - 1;
        Recorder r = {0};
        g->state.trace = record;
        g->state.trace_user = &r;
        const float *logits = teacher_force(&g->state, &g->model, &g->arena, &input, target.ids, T);
        for (int l = 0; l < c->encoder.n_layers; l++)
            n_tensors += check_attention(g, one, &r, "encoder.self_attention", l, S, S);
        for (int l = 0; l < c->decoder.n_layers; l++) {
            n_tensors += check_attention(g, one, &r, "decoder.self_attention", l, n, n);
            if (S) n_tensors += check_attention(g, one, &r, "decoder.cross_attention", l, n, S);
        }
        n_tensors += check_hidden(g, one, &r);
        const float *encoded =
            S ? golden_tensor(g, one, "encoder", 2, (const uint64_t[]){S, c->d_model}) : NULL;
        for (int i = 0; encoded && i < r.n; i++)
            if (!strcmp(r.records[i].name, "encoder.hidden") && r.records[i].layer == c->encoder.n_layers)
                for (int row = 0; row < S; row++)
                    golden_check(g, "encoder", row, r.records[i].values + (size_t)row * c->d_model,
                                 encoded + (size_t)row * c->d_model, c->d_model);
        const float *expected = golden_tensor(g, one, "logits", 2, (const uint64_t[]){T, V});
        CHECK(expected, "%s: no logits for %s", g->name, golden_text(one, "name"));
        for (int t = 0; expected && t < T; t++)
            golden_check(g, "logits", t, logits + (size_t)t * V, expected + (size_t)t * V, V);
        golden_check_log_p(g, one, "target_logprobs", logits, &target);
        n_cases++;
        n_tensors += 1 + (encoded != NULL);
        recorder_free(&r);
    }
    g->state.trace = NULL;
    CHECK(n_tensors == g->tensors.n_tensors, "%s: %d of %d golden tensors were compared", g->name, n_tensors,
          g->tensors.n_tensors);
    printf("%s: %d cases, %d tensors\n", g->name, n_cases, n_tensors);
}

// Stage 01 computes the first layer's attention alone: all of it, from keys to output, has the bits that the
// forward pass of stage 02 reports. (Without an encoder that pass has further rows, those of the target.)
static void compare_first_layer(Golden *g)
{
    const bool encoder = g->model.config.has_encoder;
    const Stack *stack = encoder ? &g->model.weights.encoder : &g->model.weights.decoder;
    State *s = &g->state;
    int n_tensors = 0;
    for (const Json *one = g->cases; one; one = one->next) {
        const Ids source = golden_ids(g, one, "source"), target = golden_ids(g, one, "target");
        if (!target.n) continue;
        const Input input = input_of(&g->model, source.ids, source.n);
        Row *rows = arena_alloc(&g->arena, source.n, sizeof *rows);
        Recorder alone = {0}, whole = {0};
        s->trace = record;
        s->trace_user = &alone;
        rows_of_text(rows, source.ids, source.n, 0);
        first_attention(s, stack, rows, source.n);
        s->trace_user = &whole;
        teacher_force(s, &g->model, &g->arena, &input, target.ids, target.n);
        s->trace = NULL;
        int n = 0;
        for (int i = 0; n < alone.n && i < whole.n; i++) {
            const Record *a = &alone.records[n], *b = &whole.records[i];
            if (strcmp(a->name, b->name) || b->layer) continue;
            CHECK(a->rows <= b->rows && a->columns == b->columns, "%s: %d of %d rows, %d and %d columns",
                  a->name, a->rows, b->rows, a->columns, b->columns);
            CHECK_BITS(a->values, b->values, (size_t)a->rows * a->columns, a->name);
            n++;
        }
        CHECK(n == alone.n && n == 5 + 2 * source.n, "%d tensors of %d", n, alone.n);
        n_tensors += n;
        recorder_free(&alone);
        recorder_free(&whole);
    }
    printf("%s: %d tensors\n", g->name, n_tensors);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"the attention of stage 01 has the bits of stage 02's first layer", ON_GOLDEN(compare_first_layer)},
        {"logits, attention and hidden states equal Hugging Face's", ON_GOLDEN(compare_forward)},
    };
    return RUN_TESTS_EACH(tests, golden_each);
}
