// SPDX-License-Identifier: MIT
// single.h -- one hypothesis per text, greedily or sampled, with a cache: stage 04 as a function.
#ifndef SINGLE_H
#define SINGLE_H
#include "pipeline.h"

// A sequence of stage 03 as a search of one row.
typedef struct {
    Search search; // first: a Search* of it is a SingleSearch*
    Sequence sequence;
    int token; // the one to compute next
} SingleSearch;

SingleSearch *single_search(Arena *arena, const Model *m, const Options *o, const Input *input,
                            int max_length, int sample);

bool single_advance(Search *search, float *logits,
                    Arena *scratch); // what single_search() puts into the search

int run_with_cache(Program *p);

#endif
