// SPDX-License-Identifier: MIT
// search.h -- beam search for the batch of stage 04: from logits to log-probabilities to beam_advance().
#ifndef SEARCH_H
#define SEARCH_H
#include "batch.h"
#include "beam.h"

// One text with B >= 2 beams. The first step has one row, the prompt's; then there are B.
typedef struct {
    Search search; // first: a Search* of it is a BeamSearch*
    Beam beam;
} BeamSearch;

Search *beam_search(Arena *arena, const Options *options, const Input *input, int max_length);
const Beam *search_beam(const Search *search); // of a beam_search()

#endif
