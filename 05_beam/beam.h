// SPDX-License-Identifier: MIT
// beam.h -- beam search as a step machine without a model: it is fed with log-probabilities and says which
// hypotheses continue. The semantics are those of Hugging Face's generate() since version 4.50
// (generation/utils.py, _beam_search):
//
//   There are B running hypotheses, each with the sum of its log-probabilities (a float, as there), and the B
//   best finished ones, by   score = sum / n^length_penalty,   n = tokens produced, the end token included.
//   Step: rank the sums of all B * V continuations. Of the best K = (1 + number of end tokens) * B:
//     - those among the first B that stop (end token, or full length) compete with the finished ones;
//     - the best B that do not stop run on, so that there are always B running hypotheses.
//   Done when the finished cannot become better (early_stopping says what that means), or nothing can run on.
//
// A hypothesis is live if it continues the prompt and no token of it was banned; others only fill places.
// Ties: higher sum first, then lower b * V + token; among the finished, the older one first. One deviation:
// results are cut at their end token, not filled up with padding.
#ifndef BEAM_H
#define BEAM_H
#include "processors.h"

typedef struct {
    const Options *options;
    int B, n_prompt;
    int n;              // ids of each running hypothesis
    int max_length;     // at this many ids everything stops
    Sequence *running;  // (B) best first
    Sequence *finished; // (B) best first; `ended`: the place is taken
    int n_running;      // rows to feed: 1 before the first step, as all hypotheses are still the same; then B
    int *parents, *tokens; // (B) of the last step: running b continued parents[b] by tokens[b]
    bool improvable, done;
    Problem problem; // once done: OUT_OF_POSITIONS if that stopped everything; ALL_BANNED: there is no result
    Sequence *next;  // (B) where a step builds its result
    struct Candidate *candidates; // (K) best first
    int n_candidates;
} Beam;

// A search with B = options->num_beams after a prompt; everything in arena.
Beam beam_new(Arena *arena, const Options *options, const int *prompt, int n_prompt, int max_length);
// What a sum is divided by to become a score: n_tokens ^ length_penalty, for the tokens produced, but not 0.
// (pow in double: the last bit of its result does not matter.)
float length_divisor(const Options *options, int n_tokens);
// One step: log_probabilities (n_running, V), processed. Returns whether the search goes on.
bool beam_advance(Beam *beam, const float *log_probabilities);
// The i-th best finished hypothesis that is live, i = 0, 1, ...; NULL if there are not so many.
const Sequence *beam_result(const Beam *beam, int i);

#endif
