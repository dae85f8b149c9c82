// SPDX-License-Identifier: MIT
// bench_rows.c -- steps of several rows: hypotheses of one text, several texts; and several threads.
//
// The weights are read once per step, however many rows there are, so a second row costs little. The runs
// that are compared take their steps in turn: what disturbs a moment disturbs all of them, and no ratio.
#include "bench.h"
#include "bench_run.h"
#include "program.h"

enum { MAX_RUNS = 8, MAX_STEPS = 64, RAGGED = 2 };

// Steps for which every run has positions left; in quick rounds only a few.
static int n_steps(const Bench *bench, const Subject *s)
{
    const int n = bench->quick ? 4 : s->max_steps / 2;
    return n < MAX_STEPS ? n : MAX_STEPS;
}

typedef struct {
    const char *name;
    int n; // beams, or texts
    Run run;
    double total, search, reorder; // seconds of all steps but the first, which reads prompts
    uint64_t copied, shared;       // bytes
} Measured;

static void one_step(Measured *m, bool counts)
{
    const KVPool *pool = &m->run.batch.s->pool;
    const uint64_t copied = pool->bytes_copied, shared = pool->bytes_shared;
    const double seconds = run_step(&m->run);
    if (!counts) return;
    m->total += seconds;
    m->search += m->run.search;
    m->reorder += m->run.reorder;
    m->copied += pool->bytes_copied - copied;
    m->shared += pool->bytes_shared - shared;
}

static void in_turn(Measured *runs, int n_runs, int steps)
{
    for (int i = 0; i < n_runs; i++) one_step(&runs[i], false);
    for (int t = 0; t < steps; t++)
        for (int i = 0; i < n_runs; i++) one_step(&runs[i], true);
    for (int i = 0; i < n_runs; i++) run_free(&runs[i].run);
}

static void add_beams(Bench *bench, const Measured *m, const Measured *greedy, int steps)
{
    Results *r = &bench->results;
    results_add(r, m->name, m->n, "time per step", 1e3 * m->total / steps, "ms");
    results_add(r, m->name, m->n, "of greedy", m->total / greedy->total, "ratio");
    results_add(r, m->name, m->n, "share of search", m->search / m->total, "ratio");
    results_add(r, m->name, m->n, "share of reorder", m->reorder / m->total, "ratio");
    results_add(r, m->name, m->n, "copied per step", (double)m->copied / steps, "bytes");
    results_add(r, m->name, m->n, "shared per step", (double)m->shared / steps, "bytes");
}

// Sharing puts off the copying of partly filled blocks until they are written to, in the forward pass. So its
// bytes are part of "copied per step", and its time is part of the step, not of reordering.
void bench_beams(Bench *bench, Subject *s)
{
    static const int beams[] = {1, 2, 4, 8};
    const int steps = n_steps(bench, s);
    Measured runs[MAX_RUNS];
    int n = 0;
    for (size_t i = 0; i < sizeof beams / sizeof *beams; i++)
        for (int how = REORDER_SHARE; how <= REORDER_COPY; how++) {
            const bool greedy = beams[i] == 1;
            if (greedy && how != REORDER_SHARE) continue;
            Measured *m = &runs[n++];
            *m = (Measured){greedy                 ? "greedy"
                            : how == REORDER_SHARE ? "share"
                                                   : "copy",
                            beams[i], .total = 0};
            m->run = run_new(&s->state, s, 1, beams[i], 1, 0);
            m->run.batch.cache.reorder = how;
        }
    bench_limits(bench);
    in_turn(runs, n, steps);
    results_begin(&bench->results, "beams", s->name);
    for (int i = 0; i < n; i++) add_beams(bench, &runs[i], &runs[0], steps);
}

// What the search adds to a step: log_softmax of 4 rows, and the best of 4 V continuations.
void bench_vocabulary(Bench *bench, Subject *s)
{
    enum { BEAMS = 4 };
    const int steps = n_steps(bench, s);
    Measured runs[] = {
        {"greedy", 1, run_new(&s->state, s, 1, 1, 1, 0), .total = 0},
        {"beams", BEAMS, run_new(&s->state, s, 1, BEAMS, 1, 0), .total = 0},
    };
    bench_limits(bench);
    in_turn(runs, 2, steps);
    results_begin(&bench->results, "vocabulary", s->name);
    for (int i = 0; i < 2; i++) {
        const Measured *m = &runs[i];
        results_add(&bench->results, m->name, m->n, "time per step", 1e3 * m->total / steps, "ms");
        results_add(&bench->results, m->name, m->n, "time of search", 1e3 * m->search / steps, "ms");
        results_add(&bench->results, m->name, m->n, "share of search", m->search / m->total, "ratio");
    }
}

void bench_batches(Bench *bench, Subject *s)
{
    static const int texts[] = {1, 4, 16};
    enum { N = sizeof texts / sizeof *texts };
    const int steps = n_steps(bench, s);
    Measured runs[N];
    for (int i = 0; i < N; i++)
        runs[i] = (Measured){"texts", texts[i], run_new(&s->state, s, texts[i], 1, 1, RAGGED), .total = 0};
    bench_limits(bench);
    in_turn(runs, N, steps);
    results_begin(&bench->results, "batch", s->name);
    for (int i = 0; i < N; i++) {
        const Measured *m = &runs[i];
        results_add(&bench->results, m->name, m->n, "tokens per second", m->n * steps / m->total, "1/s");
        results_add(&bench->results, m->name, m->n, "of one text", m->n * runs[0].total / m->total, "ratio");
    }
}

// ---- threads ----------------------------------------------------------------------------------------------

// One text: its matrices are divided among the threads.
static void divided_matrices(Bench *bench, Subject *s)
{
    const int steps = n_steps(bench, s);
    Measured one = {"greedy", 1, run_new(&s->one_thread, s, 1, 1, 1, 0), .total = 0};
    Measured all = {"greedy", bench->n_threads, run_new(&s->state, s, 1, 1, 1, 0), .total = 0};
    bench_limits(bench);
    in_turn(&one, 1, steps); // not step by step: while a team waits, its threads are busy
    in_turn(&all, 1, steps);
    const double rate = step_weight_bytes(s) * steps / all.total * 1e-9;
    results_begin(&bench->results, "threads", s->name);
    results_add(&bench->results, one.name, one.n, "time per step", 1e3 * one.total / steps, "ms");
    results_add(&bench->results, all.name, all.n, "time per step", 1e3 * all.total / steps, "ms");
    results_add(&bench->results, all.name, all.n, "of one thread", one.total / all.total, "ratio");
    results_add(&bench->results, all.name, all.n, "share of 8 streams", rate / bench->limits.streams,
                "ratio");
}

// Several texts: each thread has some, in a batch and a State of its own.
typedef struct {
    Run *runs; // (threads)
    int steps;
} Crowd;

static void run_some(void *context, int part, int first, int last)
{
    (void)part;
    const Crowd *c = context;
    for (int i = first; i < last; i++)
        for (int t = 0; t < c->steps; t++) run_step(&c->runs[i]);
}

// Seconds of n batches of n_texts texts on n threads. The first steps, which read prompts, do not count.
static double seconds_of_crowd(Bench *bench, Subject *s, int n, int n_texts, int n_beams, int steps)
{
    Arena arena = {0};
    State *states = arena_alloc(&arena, n, sizeof *states);
    Crowd c = {arena_alloc(&arena, n, sizeof *c.runs), steps};
    for (int i = 0; i < n; i++) {
        states[i] = state_new(&s->packed, 1);
        c.runs[i] = run_new(&states[i], s, n_texts, n_beams, 1, 0);
        run_step(&c.runs[i]);
    }
    const double start = seconds_now();
    workers_run(n > 1 ? bench->workers : NULL, n, run_some, &c);
    const double taken = seconds_now() - start;
    for (int i = 0; i < n; i++) {
        run_free(&c.runs[i]);
        state_free(&states[i]);
    }
    arena_free(&arena);
    return taken;
}

// "of one thread" is how many times the texts per second. The machine may not allow as many as there are
// threads: the same is said of its limits. (What as many processes reach cannot be seen from within one.)
static void divided_texts(Bench *bench, Subject *s)
{
    enum { ROWS = 64, MOST = 16 };
    static const int beams[] = {1, 4};
    const int n = bench->n_threads, steps = n_steps(bench, s) < MOST ? n_steps(bench, s) : MOST;
    for (size_t i = 0; i < sizeof beams / sizeof *beams; i++) {
        const char *name = beams[i] == 1 ? "texts, greedy" : "texts, 4 beams";
        const double one = seconds_of_crowd(bench, s, 1, ROWS / beams[i], beams[i], steps);
        const double all = seconds_of_crowd(bench, s, n, ROWS / beams[i], beams[i], steps);
        results_add(&bench->results, name, n, "of one thread", n * one / all, "ratio");
    }
    const Limits one = limits_measure(&bench->buffer, NULL, bench->min_seconds),
                 all = limits_measure(&bench->buffer, bench->workers, bench->min_seconds);
    results_add(&bench->results, "limit, arithmetic", n, "of one thread", all.peak / one.peak, "ratio");
    results_add(&bench->results, "limit, 8 streams", n, "of one thread", all.streams / one.streams, "ratio");
}

void bench_threads(Bench *bench, Subject *s)
{
    if (bench->n_threads == 1) return;
    divided_matrices(bench, s);
    divided_texts(bench, s);
}
