// SPDX-License-Identifier: MIT
// bench_subject.h -- a model to measure: one of a directory, or a synthetic one of a given shape.
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H
#include "greedy.h"
#include "synthetic_model.h"

typedef struct {
    const char *name;
    Model packed, textbook;  // the same weights, for the two ways to multiply (tensor.h)
    Options options;         // greedy, and no end token
    State state, one_thread; // of the team that is measured, and to compare it with
    int n_source;            // tokens of a source; none in a decoder-only model
    int most_steps;          // to measure; not more than there are positions
} Subject;

void subject_synthetic(Subject *subject, const char *name, const Shape *shape, int n_source, int most_steps,
                       int n_threads);
bool subject_load(Subject *subject, const char *directory, int most_steps, int n_threads, Error *error);
void subject_free(Subject *subject);

// A text: a made-up source, and a prompt of n_prompt made-up tokens.
Input made_up_input(Arena *arena, const Subject *subject, int n_prompt);

// What a step has to do, from the shapes of the weights.
double step_weight_bytes(const Subject *subject); // cached: the weights that are read for one row
double uncached_step_operations(const Subject *subject,
                                int t); // step t: t rows, keys and values of the source; head of one

#endif
