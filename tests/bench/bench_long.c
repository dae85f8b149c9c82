// SPDX-License-Identifier: MIT
// bench_long.c -- long texts of a decoder-only model: reading a prompt, and a token behind many others.
//
//   prefill    a prompt of n tokens is one forward pass of n rows. Attention computes n (n + 1) / 2 pairs of
//              a query and a key, everything else n rows. Its share of the time is what is saved if the same
//              n rows are texts of 16 tokens, which have next to no attention and all the rest.
//   contexts   token number n reads every weight once, and the keys and values of n positions.
//   types      the same with smaller numbers in the cache: fewer bytes are read, and each is converted.
//   layers     the same where layers keep their input rows: half the bytes, and n rows to compute again.
#include "bench.h"
#include "kvcache.h"
#include "program.h"
#include "tensor/loops.h"

// Seconds of a forward pass of n tokens, in texts of n_per_text. Of the last token the logits are wanted.
static double seconds_of_prompt(Subject *s, int n, int n_per_text)
{
    Arena arena = {0};
    const Input input = made_up_input(&arena, s, n);
    KVCache cache = kvcache_new(&s->state, &s->packed, (n + n_per_text - 1) / n_per_text, 0);
    Row *rows = arena_alloc(&arena, n, sizeof *rows);
    for (int i = 0; i < n; i += n_per_text)
        kvcache_rows(&cache, rows + i, i / n_per_text, input.prompt + i, smaller(n_per_text, n - i), 0);
    rows[n - 1].wanted = true;
    const double start = seconds_now();
    kvcache_forward(&s->state, &s->packed, &cache, rows, n);
    const double taken = seconds_now() - start;
    kvcache_free(&cache);
    arena_free(&arena);
    return taken;
}

void bench_prefill(Bench *bench, Subject *s)
{
    static const int lengths[] = {128, 512, 2000, 4000};
    enum { SLOW = 4000, SHORT_TEXT = 16 };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths && lengths[i] <= s->max_steps; i++) {
        const int n = lengths[i];
        if (n >= SLOW && !slow_round(bench)) continue;
        bench_limits(bench);
        const double taken = seconds_of_prompt(s, n, n), rest = seconds_of_prompt(s, n, SHORT_TEXT);
        const double rate = uncached_step_operations(s, n) / taken * 1e-9;
        results_begin(&bench->results, "prefill", s->name);
        results_add(&bench->results, "prompt", n, "time", 1e3 * taken, "ms");
        results_add(&bench->results, "prompt", n, "tokens per second", n / taken, "1/s");
        results_add(&bench->results, "prompt", n, "arithmetic", rate, "GFLOP/s");
        results_add(&bench->results, "prompt", n, "share of peak", rate / bench->limits.peak, "ratio");
        results_add(&bench->results, "prompt", n, "share of attention", 1 - rest / taken, "ratio");
    }
}

// ---- a token behind n others ------------------------------------------------------------------------------

enum { STEPS = 16 }; // up to token n, after a first one that is not measured

// A text in a cache.
typedef struct {
    const char *name;
    State *s;
    KVCache cache;
    double seconds; // of STEPS tokens
} Held;

// Of all layers together.
static double bytes_per_position(const KVCache *cache)
{
    double bytes = 0;
    for (int l = 0; l < cache->model->weights.decoder.n_layers; l++) {
        const KVPool *pool = cache->self[l]->pool;
        bytes += (double)(kv_key_bytes(pool) + kv_value_bytes(pool));
    }
    return bytes;
}

// Fill slot 0 up to n positions, with the keys and values of mere embeddings: the time of a step does not
// depend on what they are, and whole forward passes would take many times longer.
static void fill(Held *h, const int *tokens, int n)
{
    enum { PIECE = 512 };
    const Stack *decoder = &h->cache.model->weights.decoder;
    Row rows[PIECE];
    for (int held; (held = kvcache_length(&h->cache, 0)) < n;) {
        const int n_rows = smaller(PIECE, n - held);
        kvcache_rows(&h->cache, rows, 0, tokens + held, n_rows, 0);
        arena_reset(&h->s->scratch);
        const float *x = embed(h->s, decoder, rows, n_rows);
        for (int l = 0; l < decoder->n_layers; l++) {
            KV *self = kvcache_self(h->s, &h->cache, l, x, rows, n_rows);
            attention_store(h->s, &decoder->layers[l].self, self, x, rows, n_rows);
        }
    }
}

static double seconds_of_token(Held *h, int token)
{
    Row row;
    kvcache_rows(&h->cache, &row, 0, &token, 1, 1);
    const double start = seconds_now();
    kvcache_forward(h->s, h->cache.model, &h->cache, &row, 1);
    return seconds_now() - start;
}

// The tokens up to number n of each text, in turn: what disturbs a moment disturbs all, and no ratio.
static void measure_tokens(Held *texts, int n_texts, const int *tokens, int n)
{
    for (int i = 0; i < n_texts; i++) {
        fill(&texts[i], tokens, n - STEPS - 1);
        seconds_of_token(&texts[i], 0);
        texts[i].seconds = 0;
    }
    for (int t = n - STEPS; t < n; t++)
        for (int i = 0; i < n_texts; i++) texts[i].seconds += seconds_of_token(&texts[i], tokens[t]);
}

void bench_contexts(Bench *bench, Subject *s)
{
    static const int contexts[] = {500, 1000, 2000, 4000, 8000};
    Arena arena = {0};
    const Input input = made_up_input(&arena, s, s->max_steps);
    Held text = {"token", &s->state, kvcache_new(&s->state, &s->packed, 1, 0), 0};
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts && contexts[i] <= s->max_steps; i++) {
        const int n = contexts[i];
        const double mean_length = n - (STEPS - 1) / 2.0;
        const double bytes = step_weight_bytes(s) + bytes_per_position(&text.cache) * mean_length;
        bench_limits(bench);
        const double before = bench->limits.streams;
        measure_tokens(&text, 1, input.prompt, n);
        bench_limits(bench);
        const double rate = bytes * STEPS / text.seconds * 1e-9, limit = (before + bench->limits.streams) / 2;
        results_begin(&bench->results, "contexts", s->name);
        results_add(&bench->results, text.name, n, "time", 1e3 * text.seconds / STEPS, "ms");
        results_add(&bench->results, text.name, n, "weights, keys and values", rate, "GB/s");
        results_add(&bench->results, text.name, n, "share of 8 streams", rate / limit, "ratio");
    }
    kvcache_free(&text.cache);
    arena_free(&arena);
}

// ---- smaller caches ---------------------------------------------------------------------------------------

// Token number n of each text, with what it reads of the cache; and ratios to the first.
static void add_texts(Results *r, const Held *texts, int n_texts, int n, const char *time_of_first,
                      const char *bytes_of_first)
{
    const double bytes_of_all = bytes_per_position(&texts[0].cache);
    for (int i = 0; i < n_texts; i++) {
        const Held *h = &texts[i];
        const double bytes = bytes_per_position(&h->cache);
        results_add(r, h->name, n, "time", 1e3 * h->seconds / STEPS, "ms");
        results_add(r, h->name, n, time_of_first, h->seconds / texts[0].seconds, "ratio");
        results_add(r, h->name, n, "cache", n * bytes, "bytes");
        results_add(r, h->name, n, bytes_of_first, bytes / bytes_of_all, "ratio");
    }
}

void bench_types(Bench *bench, Subject *s)
{
    static const int contexts[] = {500, 2000};
    enum { N_TYPES = KV_INT8 + 1 };
    Arena arena = {0};
    const Input input = made_up_input(&arena, s, s->max_steps);
    State states[N_TYPES]; // each has a pool of one type; the team is the subject's
    Held texts[N_TYPES];
    for (int type = 0; type < N_TYPES; type++) {
        State *state = &states[type];
        *state = state_new(&s->packed, 1);
        state->workers = s->state.workers;
        state->pool.type = type;
        texts[type] = (Held){kv_type_names()[type], state, kvcache_new(state, &s->packed, 1, 0), 0};
    }
    results_begin(&bench->results, "types", s->name);
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts && contexts[i] <= s->max_steps; i++) {
        measure_tokens(texts, N_TYPES, input.prompt, contexts[i]);
        add_texts(&bench->results, texts, N_TYPES, contexts[i], "of f32", "bytes of f32");
    }
    for (int type = 0; type < N_TYPES; type++) {
        kvcache_free(&texts[type].cache);
        states[type].workers = NULL;
        state_free(&states[type]);
    }
    arena_free(&arena);
}

void bench_layers(Bench *bench, Subject *s)
{
    static const char *const names[] = {"all", "half", "none"}; // of the layers keep keys and values
    static const int contexts[] = {64, 256};
    enum { N_TEXTS = sizeof names / sizeof *names };
    Arena arena = {0};
    const Input input = made_up_input(&arena, s, s->max_steps);
    Held texts[N_TEXTS];
    for (int i = 0; i < N_TEXTS; i++) {
        texts[i] = (Held){names[i], &s->state, kvcache_new(&s->state, &s->packed, 1, 0), 0};
        for (int l = 0; l < s->packed.weights.decoder.n_layers; l++)
            if (i == 2 || (i == 1 && l % 2)) kvcache_keep_rows(&texts[i].cache, l);
    }
    results_begin(&bench->results, "layers", s->name);
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts && contexts[i] <= s->max_steps; i++) {
        measure_tokens(texts, N_TEXTS, input.prompt, contexts[i]);
        add_texts(&bench->results, texts, N_TEXTS, contexts[i], "of all", "bytes of all");
    }
    for (int i = 0; i < N_TEXTS; i++) kvcache_free(&texts[i].cache);
    arena_free(&arena);
}
