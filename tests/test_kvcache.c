// SPDX-License-Identifier: MIT
// Cached equals uncached, bit for bit: the logits of every row, however the rows arrived. In brackets:
// numbers of bugs that caches elsewhere had, and that the test would show. All of it with every kind of
// cache; the uncached side has numbers of the same type.
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

static bool same_block(const KV *a, const KV *b, int block)
{
    return !memcmp(kv_debug_block(a, block), kv_debug_block(b, block), kv_block_bytes(a->pool));
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
    State s = state_of(t);
    int n = all_positions(t, 150);
    if (t->keep && n > 50) n = 50; // with floats all of them
    for (int n_source = 1; n_source <= 8; n_source += 7) {
        const Text x = text_new(t, &s, n_source, 0, n_source),
                   whole = text_new(t, &s, n_source, n - x.n, n_source);
        KVCache c = cache_of(t, &s, 1, n);
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
    State s = state_of(t);
    const Text x = text_new(t, &s, 5, 40 - 5, 1);
    static const int first_pieces[] = {1, 2, 7, 15, 16, 17, 31, 33};
    KVCache whole = cache_of(t, &s, 1, 64), c = cache_of(t, &s, 1, 64);
    kvcache_read_source(&s, &t->model, &whole, 0, &x.input);
    feed(t, &s, &whole, 0, &x, 0, x.n);
    for (size_t i = 0; i < sizeof first_pieces / sizeof *first_pieces; i++) {
        const int n = first_pieces[i] < x.n ? first_pieces[i] : x.n - 1;
        kvcache_read_source(&s, &t->model, &c, 0, &x.input);
        feed(t, &s, &c, 0, &x, 0, n);
        feed(t, &s, &c, 0, &x, n, x.n - n);
        for (int l = 0; l < t->model.config.decoder.n_layers; l++)
            for (int b = 0; b * KV_BLOCK + KV_BLOCK <= x.n; b++) // only full blocks: the rest is unused
                CHECK(same_block(&c.self[l][0], &whole.self[l][0], b), "%s: layer %d: block %d differs",
                      t->name, l, b);
        kvcache_reset(&c, 0);
    }
    kvcache_free(&whole);
    close_all(&s, &c);
}

// [KV-67]
static void last_row(TestModel *t)
{
    State s = state_of(t);
    const int V = t->model.config.vocab;
    const Text x = text_new(t, &s, 4, 6, 2);
    KVCache c = cache_of(t, &s, 1, 16);
    Row rows[16];
    kvcache_read_source(&s, &t->model, &c, 0, &x.input);
    kvcache_rows(&c, rows, 0, x.tokens, x.n, 1);
    CHECK_BITS(kvcache_forward(&s, &t->model, &c, rows, x.n), x.expected + (size_t)(x.n - 1) * V, V, t->name);
    close_all(&s, &c);
}

// [KV-12] With another last token, the keys and values of the tokens before it are the same in every layer.
static void causal(TestModel *t)
{
    State s = state_of(t);
    Text x = text_new(t, &s, 4, 16, 3);
    if (x.n < 17) return state_free(&s); // the last token is to stand in a block of its own
    KVCache a = cache_of(t, &s, 1, 32), b = cache_of(t, &s, 1, 32);
    x.n = 17;
    kvcache_read_source(&s, &t->model, &a, 0, &x.input);
    kvcache_read_source(&s, &t->model, &b, 0, &x.input);
    feed(t, &s, &a, 0, &x, 0, x.n);
    Row rows[17];
    kvcache_rows(&b, rows, 0, x.tokens, x.n, 1);
    rows[16].token = (rows[16].token + 1) % t->model.config.vocab;
    kvcache_forward(&s, &t->model, &b, rows, x.n);
    for (int l = 0; l < t->model.config.decoder.n_layers; l++) {
        CHECK(same_block(&a.self[l][0], &b.self[l][0], 0), "%s: layer %d: positions 0 to 15 differ", t->name,
              l);
        CHECK(!same_block(&a.self[l][0], &b.self[l][0], 1), "%s: layer %d: position 16 should differ",
              t->name, l);
    }
    kvcache_free(&a);
    close_all(&s, &b);
}

// [KV-10, 19, 30] Every unused position holds NaN; the limit of the cache does not matter.
static void poisoned(TestModel *t)
{
    State s = state_of(t);
    const Text x = text_new(t, &s, 6, 20, 4);
    s.pool.poison = true;
    for (int limit = x.n; limit <= 4 * x.n; limit *= 2) {
        KVCache c = cache_of(t, &s, 3, limit);
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
    State s = state_of(t);
    const int V = t->model.config.vocab;
    static const int lengths[] = {1, 3, 7, 20, 2, 12};
    Text x[MAX];
    for (int b = 0; b < MAX; b++)
        x[b] = text_new(t, &s, lengths[b % 6], 30 - (t->model.config.has_encoder ? 1 : lengths[b % 6]), b);
    const int n_steps = all_positions(t, 30) < 30 ? 6 : 10;
    KVCache c = cache_of(t, &s, MAX, 64);
    for (int B = 1; B <= MAX; B += t->keep ? MAX - 1 : 1) {
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
    State s = state_of(t);
    const Text a = text_new(t, &s, 6, 20, 5), b = text_new(t, &s, 6, 20, 6);
    KVCache c = cache_of(t, &s, 2, 40);
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

// [KV-21, 22, 23] What a step computes: one row, and one key and value per layer (and those before it where a
// layer keeps input rows); the source once per text.
static void counters(TestModel *t)
{
    State s = state_of(t);
    const uint64_t L = t->model.config.decoder.n_layers, encoder_L = t->model.config.encoder.n_layers;
    const Text x = text_new(t, &s, 6, 20, 7);
    KVCache c = cache_of(t, &s, 1, 64);
    uint64_t before = s.key_rows, again = 0;
    for (uint64_t l = 0; l < L; l++) again += keeps_rows(t, (int)l);
    kvcache_read_source(&s, &t->model, &c, 0, &x.input);
    if (x.input.n_source)
        CHECK(s.key_rows - before == (L + encoder_L) * x.input.n_source, "%s: source: %llu keys", t->name,
              (unsigned long long)(s.key_rows - before));
    for (int i = 0; i < x.n; i++) {
        const uint64_t keys = s.key_rows, rows = s.decoder_rows;
        feed(t, &s, &c, 0, &x, i, 1);
        CHECK(s.decoder_rows - rows == 1 && s.key_rows - keys == L + again * i, "%s: step %d: %llu keys",
              t->name, i, (unsigned long long)(s.key_rows - keys));
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
    State s = state_of(t);
    const Text x = text_new(t, &s, 2, 8, 8);
    KVCache c = cache_of(t, &s, 1, 16);
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

// ---- types, forgetting, forks -----------------------------------------------------------------------------

// Whatever type the decoder's keys and values have (those of the source, too), an encoder has floats.
static void encoder_has_floats(TestModel *t)
{
    const Input input = made_up_input(t, 9, 1);
    if (!t->model.config.has_encoder) return;
    State s = state_of(t), plain = state_new(&t->model, 1);
    const Encoded found = encode_input(&s, &t->model, &t->arena, &input),
                  expected = encode_input(&plain, &t->model, &t->arena, &input);
    CHECK_BITS(found.values, expected.values, (size_t)input.n_source * t->model.config.d_model, t->name);
    KVCache c = cache_of(t, &s, 1, 8);
    kvcache_read_source(&s, &t->model, &c, 0, &input);
    CHECK(kvcache_cross_bytes(&c, 0) == t->model.weights.decoder.n_layers * kv_block_bytes(&s.pool),
          "%s: %zu bytes of the source", t->name, kvcache_cross_bytes(&c, 0));
    close_all(&s, &c);
    state_free(&plain);
}

// The first n tokens of a text, and then others.
static Text branch(TestModel *t, State *s, const Text *x, int n, int which)
{
    Text b = *x;
    b.tokens = made_up_tokens(t, b.n, which);
    memcpy(b.tokens, x->tokens, n * sizeof *b.tokens);
    b.input.prompt = b.tokens;
    b.input.n_prompt = b.n;
    b.expected = uncached_logits(t, s, &b.input, b.tokens, 0);
    return b;
}

// Bytes that a slot's own past of n positions takes.
static size_t bytes_of(const KVCache *c, int n)
{
    size_t bytes = 0;
    for (int l = 0; l < c->model->weights.decoder.n_layers; l++)
        bytes += kv_block_bytes(c->self[l][0].pool) * ((n + KV_BLOCK - 1) / KV_BLOCK);
    return bytes;
}

// [KV-29] A slot that goes back and then another way, again and again, is like one that never went further.
static void truncated(TestModel *t)
{
    static const int lengths[] = {18, 17, 16, 15, 3, 1, 0};
    State s = state_of(t);
    s.pool.poison = true;
    Text x = text_new(t, &s, 6, 24, 9);
    KVCache c = cache_of(t, &s, 2, 40);
    kvcache_read_source(&s, &t->model, &c, 1, &x.input);
    feed(t, &s, &c, 1, &x, 0, x.n);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const int n = lengths[i];
        if (n >= x.n) continue;
        kvcache_truncate(&c, 1, n);
        CHECK(kvcache_bytes(&c, 1) == bytes_of(&c, n), "%s: %d positions: %zu bytes", t->name, n,
              kvcache_bytes(&c, 1));
        x = branch(t, &s, &x, n, 10 + (int)i);
        feed(t, &s, &c, 1, &x, n, 1);
        feed(t, &s, &c, 1, &x, n + 1, x.n - n - 1);
    }
    close_all(&s, &c);
}

// All blocks of a slot, copied one behind the other.
static char *blocks_of(TestModel *t, const KVCache *c, int slot)
{
    char *all = arena_alloc(&t->arena, kvcache_bytes(c, slot) + kvcache_cross_bytes(c, slot), 1), *at = all;
    for (int l = 0; l < t->model.weights.decoder.n_layers; l++)
        for (int cross = 0; cross <= (c->cross[l] != NULL); cross++) {
            const KV *kv = cross ? &c->cross[l][slot] : &c->self[l][slot];
            const size_t bytes = kv_block_bytes(kv->pool);
            for (int b = 0; b * KV_BLOCK < kv->length; b++, at += bytes)
                memcpy(at, kv_debug_block(kv, b), bytes);
        }
    return all;
}

// [KV-26, 55] Slot 1 begins like slot 0, of which it gets n positions of `held`. First one of them goes on,
// and the other one's blocks stay what they are; then the other.
static void check_fork(TestModel *t, State *s, const Text texts[2], int n, int held, int first)
{
    const Text *x = &texts[0]; // of slot 0
    KVCache c = cache_of(t, s, 2, 40);
    kvcache_read_source(s, &t->model, &c, 0, &x->input);
    feed(t, s, &c, 0, x, 0, held);
    const uint64_t rows = s->decoder_rows, keys = s->key_rows;
    kvcache_fork(&c, 1, 0, n);
    CHECK(s->decoder_rows == rows && s->key_rows == keys && kvcache_has_source(&c, 1), "a fork computes");
    for (int i = 0; i < 2; i++) {
        const int slot = i ? 1 - first : first, from = kvcache_length(&c, slot);
        const size_t bytes = kvcache_bytes(&c, 1 - slot) + kvcache_cross_bytes(&c, 1 - slot);
        const char *before = blocks_of(t, &c, 1 - slot);
        CHECK(from == (slot ? n : held), "%s: slot %d has %d positions", t->name, slot, from);
        feed(t, s, &c, slot, &texts[slot], from, x->n - from);
        CHECK(!memcmp(before, blocks_of(t, &c, 1 - slot), bytes),
              "%s: slot 1 has %d of %d positions of slot 0; slot %d goes on, and the other changes", t->name,
              n, held, slot);
    }
    kvcache_free(&c);
    CHECK(s->pool.blocks_live == 0, "%zu blocks leaked", s->pool.blocks_live);
}

static void forked(TestModel *t)
{
    static const int lengths[] = {0, 4, 15, 16};
    State s = state_of(t);
    s.pool.poison = true;
    const Text x = text_new(t, &s, 6, 20, 9);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        if (lengths[i] + 2 >= x.n) break;
        const Text texts[] = {x, branch(t, &s, &x, lengths[i], 20)};
        for (int more = lengths[i] == 0; more <= 2; more += 2)
            for (int first = 0; first < 2; first++)
                check_fork(t, &s, texts, lengths[i], lengths[i] + more, first);
    }
    state_free(&s);
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
        {"an encoder computes with floats, whatever the type of the cache", ON_MODEL(encoder_has_floats)},
        {"a slot that goes back is as if it had never gone further", ON_MODEL(truncated)},
        {"a fork and its original do not notice each other", ON_MODEL(forked)},
    };
    return RUN_TESTS_EACH(tests, caches_each);
}
