// SPDX-License-Identifier: MIT
// bench_subject.h -- a model to measure: one of a directory, or a synthetic one of a given shape.
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H
#include "greedy.h"
#include "synthetic_model.h"

typedef struct {
    const char *name;
    Model packed, textbook;  // the same weights, for the two ways to multiply (tensor.h); a synthetic
                             // decoder-only model is measured packed only
    Options options;         // greedy, and no end token
    State state, one_thread; // with the team that is measured, and with one thread to compare it with
    int n_source;            // tokens of a source; none in a decoder-only model
    int max_steps;           // to measure; at most the number of positions
} Subject;

void subject_synthetic(Subject *subject, const char *name, const Shape *shape, int n_source, int max_steps,
                       int n_threads);
bool subject_load(Subject *subject, const char *directory, int max_steps, int n_threads, Error *error);
void subject_free(Subject *subject);

// A text: a made-up source, and a prompt of n_prompt made-up tokens.
Input made_up_input(Arena *arena, const Subject *subject, int n_prompt);

// What a step has to do, from the shapes of the weights.
// Cached: bytes of the weights that are read for one row.
double step_weight_bytes(const Subject *subject);
// Uncached step t: t rows, the keys and values of the source, and the lm_head of one row.
double uncached_step_operations(const Subject *subject, int t);

#endif
