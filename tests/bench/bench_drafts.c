// SPDX-License-Identifier: MIT
// bench_drafts.c -- what does guessing ahead buy? It depends on how often a guess is right, on how many there
// are at a time, and on what 1 + K rows cost where the reading of the weights is most of the time of one.
//
// The draft here is none: it knows what the model writes, and is wrong where a random number of the position
// says so. Its own time is nothing, so the speed-ups are those of a draft that costs nothing. The expected
// number of tokens per pass is 1 + p + ... + p^K = (1 - p^(K + 1)) / (1 - p) (Leviathan, Kalman and Matias
// 2023, equation 1).
#include "bench.h"
#include "kvgreedy.h"
#include "program.h"
#include "speculative.h"
#include "tensor/loops.h"
#include <assert.h>
#include <string.h>

enum { MOST_TOKENS = 250, STREAM = 7 }; // of random numbers: one that comes near its probabilities so soon

typedef struct {
    Draft draft;    // first, as its guess() gets a pointer to it
    const int *ids; // what the model writes
    double p;       // the share of guesses that are right
    int vocab;
} Oracle;

static bool is_right(const Oracle *oracle, int position)
{
    Random random = random_stream(STREAM, (uint64_t)position);
    return random_next(&random) < oracle->p;
}

static void guess_by_oracle(Draft *draft, Guess *const *guesses, int n)
{
    const Oracle *o = (const Oracle *)draft;
    for (int i = 0; i < n; i++) {
        Guess *g = guesses[i];
        const Sequence *text = g->text;
        int *ids = g->ahead.ids;
        g->ahead = *text;
        g->ahead.ids = memcpy(ids, text->ids, text->n * sizeof *ids);
        g->n = smaller(draft->n_tokens, text->max_length - 1 - text->n); // the rest has no use
        for (int k = 0; k < g->n; k++) {
            const int id = o->ids[g->ahead.n];
            ids[g->ahead.n] = is_right(o, g->ahead.n) ? id : (id + 1) % o->vocab;
            g->ahead.n++;
        }
    }
}

static void no_token(void *user, const Sequence *q) { (void)user, (void)q; }

// Seconds of a text of n tokens, without its source. draft NULL: greedy decoding. ids (1 + n): the result.
static double seconds_of_text(Subject *s, const Input *input, int n, Draft *draft, int *ids)
{
    Arena arena = {0};
    KVCache cache = kvcache_new(&s->state, &s->packed, 1, 0);
    Sequence q = sequence_new(&arena, &s->options, input, input->n_prompt + n, 0);
    kvcache_read_source(&s->state, &s->packed, &cache, 0, input);
    const double start = seconds_now();
    if (draft) speculative_greedy(&s->state, &s->packed, &q, input, &cache, 0, draft, no_token, NULL);
    else kvcache_greedy(&s->state, &s->packed, &q, &cache, 0, no_token, NULL);
    const double taken = seconds_now() - start;
    memcpy(ids, q.ids, q.n * sizeof *ids);
    kvcache_free(&cache);
    arena_free(&arena);
    return taken;
}

static double expected_tokens(double p, int n_guesses)
{
    double sum = 0, power = 1;
    for (int k = 0; k <= n_guesses; k++, power *= p) sum += power;
    return sum;
}

void bench_drafts(Bench *bench, Subject *s)
{
    static const struct {
        const char *name;
        double p;
    } drafts[] = {{"p 0", 0}, {"p 0.7", 0.7}, {"p 0.8", 0.8}, {"p 0.9", 0.9}, {"p 1", 1}};
    static const int guesses[] = {1, 2, 4, 7, 8}; // 1 + 7 rows are the most that kernels multiply at once
    const int n = smaller(MOST_TOKENS, s->max_steps);
    Arena arena = {0};
    const Input input = made_up_input(&arena, s, 1);
    int *ids = arena_alloc(&arena, n + 1, sizeof *ids), *same = arena_alloc(&arena, n + 1, sizeof *same);
    results_begin(&bench->results, "drafts", s->name);
    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++) {
        const double greedy = seconds_of_text(s, &input, n, NULL, ids); // again, as the machine changes
        results_add(&bench->results, "greedy", 0, "time per token", 1e3 * greedy / n, "ms");
        for (size_t j = 0; j < sizeof guesses / sizeof *guesses; j++) {
            const int K = guesses[j];
            Oracle o = {{.guess = guess_by_oracle, .n_tokens = K}, ids, drafts[i].p, s->packed.config.vocab};
            const double taken = seconds_of_text(s, &input, n, &o.draft, same);
            assert(!memcmp(ids, same, (n + 1) * sizeof *ids));
            Results *r = &bench->results;
            results_add(r, drafts[i].name, K, "time per token", 1e3 * taken / n, "ms");
            results_add(r, drafts[i].name, K, "speed-up", greedy / taken, "ratio");
            results_add(r, drafts[i].name, K, "tokens per pass", n / (double)o.draft.n_passes, "ratio");
            results_add(r, drafts[i].name, K, "expected tokens per pass", expected_tokens(o.p, K), "ratio");
        }
    }
    arena_free(&arena);
}
