// SPDX-License-Identifier: MIT
// bench.h -- what the sections of the benchmark have in common. Each is a function that measures its things
// once, in one round.
#ifndef BENCH_H
#define BENCH_H
#include "bench_limits.h"
#include "bench_results.h"
#include "bench_subject.h"

typedef struct {
    int n_threads, round;
    bool quick;         // small and inaccurate: to see that everything runs
    double min_seconds; // that a measurement of something short takes
    ReadBuffer buffer;
    Workers *workers; // NULL: one thread
    Limits limits;    // as measured last, so ratios to them are within one round
    Results results;
} Bench;

// What is slow, and therefore steady, is measured in every third round.
bool slow_round(const Bench *bench);

void bench_limits(Bench *bench); // before what is compared with them

typedef void Section(Bench *bench, Subject *subject);
Section bench_matmul, bench_small; // need no subject (bench_matmul.c)
Section bench_stages;              // n tokens with and without a cache (bench_stages.c)
// Long texts of a decoder-only subject (bench_long.c).
Section bench_prefill, bench_contexts, bench_types, bench_layers;
Section bench_drafts; // guessing ahead (bench_drafts.c)
// Several rows per step, hypotheses or texts; a large vocabulary; several threads (bench_rows.c).
Section bench_beams, bench_vocabulary, bench_batches, bench_threads;

// Checked before anything is timed: the logits of a step have the same bits in both stages and kernels.
bool bench_check(Subject *subject, Error *error);

#endif
