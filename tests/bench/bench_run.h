// SPDX-License-Identifier: MIT
// bench_run.h -- texts that are generated one step at a time, with the time of each part of a step.
//
// A step is batch_step() of 04_kvcache/batch.h with a clock between its parts.
#ifndef BENCH_RUN_H
#define BENCH_RUN_H
#include "bench_subject.h"
#include "search.h"

typedef struct {
    Batch batch;   // its model may be changed between steps, packed or textbook: they compute the same bits
    float *logits; // (V) unless NULL: where to copy the first row of a step's logits
    double forward, search, reorder; // seconds that the last step took
    Arena memory;
} Run;

// n_texts texts of n_beams hypotheses each (1: greedy); text i has a prompt of n_prompt + i * ragged tokens.
// The sources are read here, the prompts by the first step.
Run run_new(State *state, const Subject *subject, int n_texts, int n_beams, int n_prompt, int ragged);
double run_step(Run *run); // seconds of all parts together
void run_free(Run *run);
const int *run_ids(const Run *run); // the decoder ids so far of the first text, which must be greedy

#endif
