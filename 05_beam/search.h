// SPDX-License-Identifier: MIT
// search.h -- beam search for the batch of stage 04: from logits to log-probabilities to beam_advance().
#ifndef SEARCH_H
#define SEARCH_H
#include "beam.h"
#include "single.h"

// One text with B >= 2 beams. The first step has one row, the prompt's; then there are B.
typedef struct {
    Search search; // first: a Search* of it is a BeamSearch*
    Beam beam;
    int max_length;        // by the options; the beam's is lower where the model's positions end first
    bool out_of_positions; // the search had to stop because of that
} BeamSearch;

// One beam: the greedy loop of stage 03, with its processors on raw logits, and the score of what it finds.
typedef struct {
    SingleSearch single; // first
    float sum;           // of the log-probabilities before processors; a forced token adds 0
} ScoredSearch;

BeamSearch *beam_search(Arena *arena, const Model *m, const Options *o, const Input *input, int max_length);
ScoredSearch *scored_search(Arena *arena, const Model *m, const Options *o, const Input *input,
                            int max_length);
float scored_search_score(const ScoredSearch *scored); // sum / n^length_penalty

#endif
