// SPDX-License-Identifier: MIT
// Cached equals uncached, bit for bit: the logits of every row, however the rows arrived. In brackets:
// numbers of bugs that caches elsewhere had, and that the test would show.
#include "kvcache.h"
#include "models.h"

// A text with its uncached logits, to compare with.
typedef struct {
    Input input;
    int *tokens, n;  // prompt, then more: n in all
    float *expected; // (n, V)
} Text;

// About n_source source tokens and n_more decoder tokens, or as many as the model has positions for.
static Text text_new(TestModel *t, State *s, int n_source, int n_more, int which)
{
    Text x = {.input = made_up_input(t, n_source, which)};
    const int P = x.input.n_prompt, max_more = all_positions(t, P + n_more) - P;
    if (n_more > max_more) n_more = max_more;
    const int *more = made_up_tokens(t, n_more, which);
    x.n = P + n_more;
    x.tokens = arena_alloc(&t->arena, x.n, sizeof *x.tokens);
    memcpy(x.tokens, x.input.prompt, P * sizeof *x.tokens);
    memcpy(x.tokens + P, more, n_more * sizeof *x.tokens);
    x.expected = uncached_logits(t, s, &x.input, more, n_more);
    return x;
}

// Feed tokens from .. from+n-1 of a text to its slot; their logits must be the uncached ones.
static void feed(TestModel *t, State *s, KVCache *c, int slot, const Text *x, int from, int n)
{
    const int V = t->model.config.vocab;
    Row rows[600];
    CHECK(kvcache_length(c, slot) == from, "%s: length %d, expected %d", t->name, kvcache_length(c, slot),
          from);
    kvcache_rows(c, rows, slot, x->tokens + from, n, n);
    const float *logits = kvcache_forward(s, &t->model, c, rows, n);
    CHECK_BITS(logits, x->expected + (size_t)from * V, (size_t)n * V, t->name);
}

static void close_all(State *s, KVCache *c)
{
    kvcache_free(c);
    CHECK(s->pool.blocks_live == 0, "%zu blocks leaked", s->pool.blocks_live);
    state_free(s);
}

// [KV-01, 02, 04, 09, 27, 28, 60] All positions of the model, in a cache for exactly these; relative
// positions beyond the last bucket.
static void one_by_one(TestModel *t)
{
    State s = state_new(&t->model, 1);
    const int n = all_positions(t, 150);
    for (int n_source = 1; n_source <= 8; n_source += 7) {
        const Text x = text_new(t, &s, n_source, 0, n_source),
                   whole = text_new(t, &s, n_source, n - x.n, n_source);
        KVCache c = kvcache_new(&s, &t->model, 1, n);
        kvcache_read_source(&s, &t->model, &c, 0, &whole.input);
        for (int i = 0; i < n; i++) feed(t, &s, &c, 0, &whole, i, 1);
        kvcache_free(&c);
    }
    printf("%s: %d rows of %d logits, twice\n", t->name, n, t->model.config.vocab);
    state_free(&s);
}

// [KV-11, 13, 67] The same text in pieces of every kind: same logits, and the same blocks in every layer.
static void in_pieces(TestModel *t)
{
    State s = state_new(&t->model, 1);
    const Text x = text_new(t, &s, 5, 40 - 5, 1);
    static const int first_pieces[] = {1, 2, 7, 15, 16, 17, 31, 33};
    KVCache whole = kvcache_new(&s, &t->model, 1, 64), c = kvcache_new(&s, &t->model, 1, 64);
    kvcache_read_source(&s, &t->model, &whole, 0, &x.input);
    feed(t, &s, &whole, 0, &x, 0, x.n);
    for (size_t i = 0; i < sizeof first_pieces / sizeof *first_pieces; i++) {
        const int n = first_pieces[i] < x.n ? first_pieces[i] : x.n - 1;
        kvcache_read_source(&s, &t->model, &c, 0, &x.input);
        feed(t, &s, &c, 0, &x, 0, n);
        feed(t, &s, &c, 0, &x, n, x.n - n);
        for (int l = 0; l < t->model.config.decoder.n_layers; l++)
            for (int b = 0; b * KV_BLOCK + KV_BLOCK <= x.n; b++) // only full blocks: the rest is unused
                CHECK_BITS(kv_debug_block(&c.self[l][0], b), kv_debug_block(&whole.self[l][0], b),
                           kv_block_bytes(&s.pool) / sizeof(float), "block");
        kvcache_reset(&c, 0);
    }
    kvcache_free(&whole);
    close_all(&s, &c);
}

// [KV-67]
static void last_row(TestModel *t)
{
    State s = state_new(&t->model, 1);
    const int V = t->model.config.vocab;
    const Text x = text_new(t, &s, 4, 6, 2);
    KVCache c = kvcache_new(&s, &t->model, 1, 16);
    Row rows[16];
    kvcache_read_source(&s, &t->model, &c, 0, &x.input);
    kvcache_rows(&c, rows, 0, x.tokens, x.n, 1);
    CHECK_BITS(kvcache_forward(&s, &t->model, &c, rows, x.n), x.expected + (size_t)(x.n - 1) * V, V, t->name);
    close_all(&s, &c);
}

// [KV-12] With another last token, the keys and values of the tokens before it are the same in every layer.
static void causal(TestModel *t)
{
    State s = state_new(&t->model, 1);
    Text x = text_new(t, &s, 4, 16, 3);
    if (x.n < 17) return state_free(&s); // the last token is to stand in a block of its own
    KVCache a = kvcache_new(&s, &t->model, 1, 32), b = kvcache_new(&s, &t->model, 1, 32);
    x.n = 17;
    kvcache_read_source(&s, &t->model, &a, 0, &x.input);
    kvcache_read_source(&s, &t->model, &b, 0, &x.input);
    feed(t, &s, &a, 0, &x, 0, x.n);
    Row rows[17];
    kvcache_rows(&b, rows, 0, x.tokens, x.n, 1);
    rows[16].token = (rows[16].token + 1) % t->model.config.vocab;
    kvcache_forward(&s, &t->model, &b, rows, x.n);
    const size_t floats = kv_block_bytes(&s.pool) / sizeof(float);
    for (int l = 0; l < t->model.config.decoder.n_layers; l++) {
        CHECK_BITS(kv_debug_block(&a.self[l][0], 0), kv_debug_block(&b.self[l][0], 0), floats,
                   "positions 0 to 15");
        CHECK(memcmp(kv_debug_block(&a.self[l][0], 1), kv_debug_block(&b.self[l][0], 1),
                     floats * sizeof(float)),
              "position 16 should differ");
    }
    kvcache_free(&a);
    close_all(&s, &b);
}

// [KV-10, 19, 30] Every unused position holds NaN; the limit of the cache does not matter.
static void poisoned(TestModel *t)
{
    State s = state_new(&t->model, 1);
    const Text x = text_new(t, &s, 6, 20, 4);
    s.pool.poison = true;
    for (int limit = x.n; limit <= 4 * x.n; limit *= 2) {
        KVCache c = kvcache_new(&s, &t->model, 3, limit);
        kvcache_read_source(&s, &t->model, &c, 1, &x.input);
        for (int i = 0; i < x.n; i++) feed(t, &s, &c, 1, &x, i, 1);
        kvcache_free(&c);
    }
    state_free(&s);
}

// [KV-08, 09, 15, 16, 61] Texts of different lengths in batches of 1 to 17, each as if alone.
static void ragged(TestModel *t)
{
    enum { MAX = 17 };
    State s = state_new(&t->model, 1);
    const int V = t->model.config.vocab;
    static const int lengths[] = {1, 3, 7, 20, 2, 12};
    Text x[MAX];
    for (int b = 0; b < MAX; b++)
        x[b] = text_new(t, &s, lengths[b % 6], 30 - (t->model.config.has_encoder ? 1 : lengths[b % 6]), b);
    const int n_steps = all_positions(t, 30) < 30 ? 6 : 10;
    KVCache c = kvcache_new(&s, &t->model, MAX, 64);
    for (int B = 1; B <= MAX; B++) {
        for (int b = 0; b < B; b++) kvcache_read_source(&s, &t->model, &c, b, &x[b].input);
        for (int step = 0; step < n_steps; step++) { // prompts first, then one token each
            Row rows[MAX * 20], *row = rows;
            for (int b = 0; b < B; b++) {
                const int n = step ? 1 : x[b].input.n_prompt;
                kvcache_rows(&c, row, b, x[b].tokens + (step ? x[b].input.n_prompt + step - 1 : 0), n, 1);
                row += n;
            }
            const float *logits = kvcache_forward(&s, &t->model, &c, rows, (int)(row - rows));
            for (int b = 0; b < B; b++)
                CHECK_BITS(logits + (size_t)b * V,
                           x[b].expected + (size_t)(x[b].input.n_prompt + step - 1) * V, V, t->name);
        }
        for (int b = 0; b < B; b++) kvcache_reset(&c, b);
    }
    close_all(&s, &c);
}

// [KV-23, 25, 64] A used cache is as good as a new one; two texts take turns; all have the same length.
static void reused(TestModel *t)
{
    State s = state_new(&t->model, 1);
    const Text a = text_new(t, &s, 6, 20, 5), b = text_new(t, &s, 6, 20, 6);
    KVCache c = kvcache_new(&s, &t->model, 2, 40);
    kvcache_read_source(&s, &t->model, &c, 0, &a.input);
    feed(t, &s, &c, 0, &a, 0, a.n);
    kvcache_reset(&c, 0);
    kvcache_read_source(&s, &t->model, &c, 0, &b.input);
    kvcache_read_source(&s, &t->model, &c, 1, &a.input);
    for (int i = 0; i < a.n; i++) {
        feed(t, &s, &c, 0, &b, i, 1);
        feed(t, &s, &c, 1, &a, i, 1);
    }
    close_all(&s, &c);
}

// [KV-21, 22, 23] What a step computes: one row, and one key and value per layer; the source once per text.
static void counters(TestModel *t)
{
    State s = state_new(&t->model, 1);
    const uint64_t L = t->model.config.decoder.n_layers, encoder_L = t->model.config.encoder.n_layers;
    const Text x = text_new(t, &s, 6, 20, 7);
    KVCache c = kvcache_new(&s, &t->model, 1, 64);
    uint64_t before = s.key_rows;
    kvcache_read_source(&s, &t->model, &c, 0, &x.input);
    if (x.input.n_source)
        CHECK(s.key_rows - before == (L + encoder_L) * x.input.n_source, "%s: source: %llu keys", t->name,
              (unsigned long long)(s.key_rows - before));
    for (int i = 0; i < x.n; i++) {
        const uint64_t keys = s.key_rows, rows = s.decoder_rows;
        feed(t, &s, &c, 0, &x, i, 1);
        CHECK(s.decoder_rows - rows == 1 && s.key_rows - keys == L, "%s: step %d: %llu keys", t->name, i,
              (unsigned long long)(s.key_rows - keys));
        for (uint64_t l = 0; l < L; l++)
            CHECK(c.self[l][0].length == i + 1, "layer %d holds %d positions", (int)l, c.self[l][0].length);
    }
    before = s.key_rows;
    text_new(t, &s, 6, 20, 7);
    CHECK(s.key_rows - before == L * x.n + (L + encoder_L) * x.input.n_source, "%s: uncached: %llu keys",
          t->name, (unsigned long long)(s.key_rows - before));
    close_all(&s, &c);
}

typedef struct {
    int n_keys[64], n;
} Seen;

static void see(void *user, const char *name, int layer, int rows, int columns, const float *values)
{
    Seen *seen = user;
    (void)rows, (void)values;
    if (!strcmp(name, "decoder.self_attention.probabilities") && layer == 0)
        seen->n_keys[seen->n++] = columns;
}

// [KV-11] Two new rows after three: the first sees 4 keys, the second 5.
static void visible(TestModel *t)
{
    State s = state_new(&t->model, 1);
    const Text x = text_new(t, &s, 2, 8, 8);
    KVCache c = kvcache_new(&s, &t->model, 1, 16);
    Seen seen = {.n = 0};
    kvcache_read_source(&s, &t->model, &c, 0, &x.input);
    feed(t, &s, &c, 0, &x, 0, 3);
    s.trace = see;
    s.trace_user = &seen;
    feed(t, &s, &c, 0, &x, 3, 2);
    CHECK(seen.n == 2 && seen.n_keys[0] == 4 && seen.n_keys[1] == 5, "%d rows see %d and %d keys", seen.n,
          seen.n_keys[0], seen.n_keys[1]);
    close_all(&s, &c);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"cached logits have the bits of uncached ones at every position", ON_MODEL(one_by_one)},
        {"a prompt in pieces has the bits of the whole", ON_MODEL(in_pieces)},
        {"the logits of the last row are the same when no others are computed", ON_MODEL(last_row)},
        {"keys and values do not depend on later tokens", ON_MODEL(causal)},
        {"unused positions full of NaN are never read", ON_MODEL(poisoned)},
        {"a ragged batch has the bits of each text alone", ON_MODEL(ragged)},
        {"a used cache has the bits of a fresh one", ON_MODEL(reused)},
        {"a cached step computes one row and one key per layer", ON_MODEL(counters)},
        {"two new rows after three see four and five keys", ON_MODEL(visible)},
    };
    return RUN_TESTS_EACH(tests, models_each);
}
