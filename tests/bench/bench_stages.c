// SPDX-License-Identifier: MIT
// bench_stages.c -- n tokens without a cache (stage 03) and with one (stage 04), and with both kernels.
//
// A curve is the time of each step 1 .. n. With the fast kernel and a cache all steps are run, as in greedy
// decoding. Without a cache step t computes t rows, so n steps would cost n (n + 1) / 2 rows: only some are
// run, and the times of those between are interpolated. The distances between the steps that are run have no
// factor in common with a kernel's tiles, or all might be numbers of rows that suit the tiles. The textbook
// kernel is run at a few steps only; its times lie on a line.
//
// Stage 04 computes the source's keys and values before the first step, stage 03 computes them in each.
// "speed-up" compares the steps, "speed-up with source" everything from the source to the last token.
#include "bench.h"
#include "bench_run.h"
#include "program.h"
#include <string.h>

static const int lengths[] = {10, 20, 50, 100, 200, 500};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths, DENSE = 16, FIRST_PRIME = 7, SECOND_PRIME = 23 };

static bool is_length(int t)
{
    for (int i = 0; i < N_LENGTHS; i++)
        if (lengths[i] == t) return true;
    return false;
}

static bool is_sampled(const Subject *s, const Model *m, int t)
{
    if (t == 1 || t == s->max_steps || is_length(t)) return true;
    return m == &s->packed && (t <= DENSE || t % (t < 50 ? FIRST_PRIME : SECOND_PRIME) == 0);
}

// Seconds of one step of stage 03's greedy(). ids (t): the decoder's so far. logits (V): the result, or NULL.
static double uncached_step(Subject *s, const Model *m, const Encoded *source, const int *ids, int t,
                            float *logits)
{
    Arena arena = {0};
    const Input input = {.prompt = ids, .n_prompt = t};
    Sequence q = sequence_new(&arena, &s->options, &input, t + 1, 0);
    const double start = seconds_now();
    Row *rows = arena_alloc(&arena, q.n, sizeof *rows);
    rows_of_text(rows, q.ids, q.n, 1);
    float *result = decoder_forward(&s->state, m, rows, q.n, source);
    if (logits) memcpy(logits, result, sizeof *logits * m->config.vocab);
    sequence_advance(&q, result, &s->state.scratch);
    const double taken = seconds_now() - start;
    arena_free(&arena);
    return taken;
}

// Seconds of step t with a cache of t - 1 positions, which the fast kernel has filled.
static double cached_step(Subject *s, const Model *m, int t)
{
    Run run = run_new(&s->state, s, 1, 1, t > 1 ? t - 1 : 1, 0);
    if (t > 1) run_step(&run);
    run.batch.m = m;
    const double taken = run_step(&run);
    run_free(&run);
    return taken;
}

// ---- curves -----------------------------------------------------------------------------------------------

// steps (max_steps + 1): [t] seconds of step t, 0 if it is not run. Returns [n] the seconds of steps 1 .. n.
static const double *totals(const Subject *s, Arena *arena, const double *steps)
{
    double *total = arena_alloc(arena, s->max_steps + 1, sizeof *total);
    total[0] = 0;
    for (int t = 1, before = 1, after = 1; t <= s->max_steps; t++) {
        if (steps[t] > 0) before = t;
        if (after < t) after = t;
        while (steps[after] <= 0) after++;
        const double part = after > before ? (double)(t - before) / (after - before) : 0;
        total[t] = total[t - 1] + steps[before] + part * (steps[after] - steps[before]);
    }
    return total;
}

static double *new_steps(const Subject *s, Arena *arena)
{
    double *steps = arena_alloc(arena, s->max_steps + 1, sizeof *steps);
    for (int t = 0; t <= s->max_steps; t++) steps[t] = 0;
    return steps;
}

static double *uncached_curve(Subject *s, const Model *m, Arena *arena, const Input *input,
                              const Encoded *source)
{
    double *steps = new_steps(s, arena);
    for (int t = 1; t <= s->max_steps; t++)
        if (is_sampled(s, m, t)) steps[t] = uncached_step(s, m, source, input->prompt, t, NULL);
    return steps;
}

static double *cached_textbook_curve(Subject *s, Arena *arena)
{
    double *steps = new_steps(s, arena);
    for (int t = 1; t <= s->max_steps; t++)
        if (is_sampled(s, &s->textbook, t)) steps[t] = cached_step(s, &s->textbook, t);
    return steps;
}

static double *cached_curve(Bench *bench, Subject *s, Arena *arena)
{
    double *steps = new_steps(s, arena);
    Run run = run_new(&s->state, s, 1, 1, 1, 0);
    for (int t = 1; t <= s->max_steps; t++) {
        steps[t] = run_step(&run);
        if (!is_length(t)) continue;
        results_add(&bench->results, "04", t, "cache self", (double)kvcache_bytes(&run.batch.cache, 0),
                    "bytes");
        results_add(&bench->results, "04", t, "cache cross", (double)kvcache_cross_bytes(&run.batch.cache, 0),
                    "bytes");
    }
    run_free(&run);
    return steps;
}

// ---- what is reported -------------------------------------------------------------------------------------

typedef struct {
    const double *uncached, *cached; // totals
} Curves;

static void add_curves(Bench *bench, const Subject *s, const Curves *curves, const char *without,
                       const char *with, const char *speed_up)
{
    for (int i = 0; i < N_LENGTHS && lengths[i] <= s->max_steps; i++) {
        const int n = lengths[i];
        results_add(&bench->results, without, n, "time per token", 1e3 * curves->uncached[n] / n, "ms");
        results_add(&bench->results, with, n, "time per token", 1e3 * curves->cached[n] / n, "ms");
        results_add(&bench->results, speed_up, n, "speed-up", curves->uncached[n] / curves->cached[n],
                    "ratio");
    }
}

// Ratios to the limits: step n of stage 03 computes much, the n steps of stage 04 read much. streams: GB/s.
static void add_ratios(Bench *bench, const Subject *s, const double *uncached_steps,
                       const double *cached_total, double streams)
{
    for (int i = 0; i < N_LENGTHS && lengths[i] <= s->max_steps; i++) {
        const int n = lengths[i];
        const double rate = uncached_step_operations(s, n) / uncached_steps[n] * 1e-9;
        const double bytes = step_weight_bytes(s) * n / cached_total[n] * 1e-9;
        results_add(&bench->results, "03", n, "arithmetic of step n", rate, "GFLOP/s");
        results_add(&bench->results, "03", n, "share of peak", rate / bench->limits.peak, "ratio");
        results_add(&bench->results, "04", n, "weights", bytes, "GB/s");
        results_add(&bench->results, "04", n, "share of 8 streams", bytes / streams, "ratio");
        results_add(&bench->results, "operations", n, "(n + 1) / 2", (n + 1) / 2.0, "ratio");
    }
}

static void add_with_source(Bench *bench, const Subject *s, const Curves *curves, double encode, double read)
{
    results_add(&bench->results, "03", 0, "source", 1e3 * encode, "ms");
    results_add(&bench->results, "04", 0, "source", 1e3 * read, "ms");
    for (int i = 0; i < N_LENGTHS && lengths[i] <= s->max_steps; i++) {
        const int n = lengths[i];
        const double ratio = (encode + curves->uncached[n]) / (read + curves->cached[n]);
        results_add(&bench->results, "03 / 04", n, "speed-up with source", ratio, "ratio");
    }
}

// Seconds that stage 04 takes before its first step.
static double time_to_read_source(Subject *s)
{
    const double start = seconds_now();
    Run run = run_new(&s->state, s, 1, 1, 1, 0);
    const double taken = seconds_now() - start;
    run_free(&run);
    return taken;
}

void bench_stages(Bench *bench, Subject *s)
{
    Arena arena = {0};
    const Input input = made_up_input(&arena, s, s->max_steps);
    bench_limits(bench);
    results_begin(&bench->results, "stages", s->name);

    const double start = seconds_now();
    const Encoded source = encode_input(&s->state, &s->packed, &arena, &input);
    const double encode = seconds_now() - start, read = time_to_read_source(s);
    const double before = bench->limits.streams;
    const double *cached = totals(s, &arena, cached_curve(bench, s, &arena));
    bench_limits(bench);
    const double *uncached_steps = uncached_curve(s, &s->packed, &arena, &input, &source);
    const Curves curves = {totals(s, &arena, uncached_steps), cached};
    add_curves(bench, s, &curves, "03", "04", "03 / 04");
    add_ratios(bench, s, uncached_steps, cached, (before + bench->limits.streams) / 2);
    add_with_source(bench, s, &curves, encode, read);
    if (slow_round(bench)) {
        const double *slow = totals(s, &arena, uncached_curve(s, &s->textbook, &arena, &input, &source));
        const Curves textbook = {slow, totals(s, &arena, cached_textbook_curve(s, &arena))};
        add_curves(bench, s, &textbook, "03 textbook", "04 textbook", "03 / 04 textbook");
    }
    arena_free(&arena);
}

bool bench_check(Subject *s, Error *error)
{
    enum { STEPS = 10 };
    const size_t V = s->packed.config.vocab;
    Arena arena = {0};
    float *cached = arena_floats(&arena, V, 1), *packed = arena_floats(&arena, V, 1),
          *textbook = arena_floats(&arena, V, 1);
    const Input input = made_up_input(&arena, s, 1);
    const Encoded source = encode_input(&s->state, &s->packed, &arena, &input);
    Run run = run_new(&s->state, s, 1, 1, 1, 0);
    run.logits = cached;
    for (int t = 1; t <= STEPS; t++) run_step(&run);
    uncached_step(s, &s->packed, &source, run_ids(&run), STEPS, packed);
    uncached_step(s, &s->textbook, &source, run_ids(&run), STEPS, textbook);
    if (memcmp(cached, packed, V * sizeof *packed))
        fail(error, "%s: step %d: cached and uncached differ", s->name, STEPS);
    if (memcmp(packed, textbook, V * sizeof *packed))
        fail(error, "%s: step %d: the kernels differ", s->name, STEPS);
    run_free(&run);
    arena_free(&arena);
    return !error->set;
}
