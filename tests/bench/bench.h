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

// The textbook kernel is slow and steady: it is measured in every third round.
bool textbook_round(const Bench *bench);

void bench_limits(Bench *bench); // before what is compared with them
void bench_matmul(Bench *bench);

// n tokens with and without a cache (bench_stages.c).
void bench_stages(Bench *bench, Subject *subject);
// Several rows per step: hypotheses, texts; and several threads (bench_rows.c).
void bench_beams(Bench *bench, Subject *subject);
void bench_batches(Bench *bench, Subject *subject);
void bench_threads(Bench *bench, Subject *subject);

// Checked before anything is timed: the logits of a step have the same bits in both stages and kernels.
bool bench_check(Subject *subject, Error *error);

#endif
