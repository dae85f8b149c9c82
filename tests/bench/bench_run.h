// SPDX-License-Identifier: MIT
// bench_run.h -- texts in the middle of being written, one step at a time, each part of a step with its time.
//
// The programs decode with batch_run() (04_kvcache/batch.h), which runs to the end of its texts. To measure single steps,
// and several runs step by step in turn, this is the same loop with a clock in it: gather rows, kvcache_forward(), advance
// the searches, kvcache_reorder().
#ifndef BENCH_RUN_H
#define BENCH_RUN_H
#include "bench_subject.h"
#include "search.h"

typedef struct {
    State *state;
    const Model *model; // may be changed between steps, packed or textbook: they compute the same bits
    int n_texts, width; // hypotheses per text
    Input *inputs;      // (n_texts)
    Search **searches;  // (n_texts)
    KVCache cache;      // (n_texts * width slots)
    bool begun;
    float *logits;                   // (V) unless NULL: where to copy the first row of a step's logits
    double forward, search, reorder; // seconds that the last step took
    Arena memory;
} Run;

// n_texts texts of `width` beams each (1: greedy); text i has a prompt of n_prompt + i * ragged tokens. Reads the sources;
// the prompts are read by the first step.
Run run_new(State *state, const Subject *subject, int n_texts, int width, int n_prompt, int ragged);
double run_step(Run *run); // seconds, all parts together
void run_free(Run *run);
const int *run_ids(const Run *run); // of the first text, which is greedy: its decoder ids so far

#endif
