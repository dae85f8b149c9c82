// SPDX-License-Identifier: MIT
// bench_long.c -- long texts of a decoder-only model: reading a prompt, and a token behind many others.
//
//   prefill    a prompt of n tokens is one forward pass of n rows. Attention computes n (n + 1) / 2 pairs of
//              a query and a key, everything else n rows. Its share of the time is what is saved if the same
//              n rows are texts of 16 tokens, which have next to no attention and all the rest.
//   contexts   token number n reads every weight once, and the keys and values of n positions.
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

// ---- contexts ---------------------------------------------------------------------------------------------

// Fill slot 0 up to n positions, with the keys and values of mere embeddings: the time of a step does not
// depend on what they are, and whole forward passes would take many times longer.
static void fill(Subject *s, KVCache *cache, const int *tokens, int n)
{
    enum { PIECE = 512 };
    const Stack *decoder = &s->packed.weights.decoder;
    Row rows[PIECE];
    for (int held; (held = kvcache_length(cache, 0)) < n;) {
        const int n_rows = smaller(PIECE, n - held);
        kvcache_rows(cache, rows, 0, tokens + held, n_rows, 0);
        arena_reset(&s->state.scratch);
        const float *x = embed(&s->state, decoder, rows, n_rows);
        for (int l = 0; l < decoder->n_layers; l++)
            attention_store(&s->state, &decoder->layers[l].self, cache->self[l], x, rows, n_rows);
    }
}

static double seconds_of_token(Subject *s, KVCache *cache, int token)
{
    Row row;
    kvcache_rows(cache, &row, 0, &token, 1, 1);
    const double start = seconds_now();
    kvcache_forward(&s->state, &s->packed, cache, &row, 1);
    return seconds_now() - start;
}

void bench_contexts(Bench *bench, Subject *s)
{
    static const int contexts[] = {500, 1000, 2000, 4000, 8000};
    enum { STEPS = 16 }; // up to a context, after a first one that is not measured
    const StackShape *d = &s->packed.config.decoder;
    const double per_position = 2.0 * sizeof(float) * d->n_layers * d->n_heads * d->head_dim;
    Arena arena = {0};
    const Input input = made_up_input(&arena, s, s->max_steps);
    KVCache cache = kvcache_new(&s->state, &s->packed, 1, 0);
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts && contexts[i] <= s->max_steps; i++) {
        const int n = contexts[i];
        double taken = 0, bytes = 0;
        fill(s, &cache, input.prompt, n - STEPS - 1);
        bench_limits(bench);
        const double before = bench->limits.streams;
        seconds_of_token(s, &cache, 0);
        for (int t = n - STEPS; t < n; t++) {
            taken += seconds_of_token(s, &cache, input.prompt[t]);
            bytes += step_weight_bytes(s) + per_position * kvcache_length(&cache, 0);
        }
        bench_limits(bench);
        const double rate = bytes / taken * 1e-9, limit = (before + bench->limits.streams) / 2;
        results_begin(&bench->results, "contexts", s->name);
        results_add(&bench->results, "token", n, "time", 1e3 * taken / STEPS, "ms");
        results_add(&bench->results, "token", n, "weights, keys and values", rate, "GB/s");
        results_add(&bench->results, "token", n, "share of 8 streams", rate / limit, "ratio");
    }
    kvcache_free(&cache);
    arena_free(&arena);
}
