// SPDX-License-Identifier: MIT
// beam.h -- beam search as a step machine without a model: it is fed log-probabilities and says which hypotheses to
// continue. The semantics are those of Hugging Face's generate() since version 4.50 (generation/utils.py, _beam_search):
//
//   B running hypotheses, each with the sum of its log-probabilities (a float, as there), and a pool of the B best that
//   are finished, by   score = sum / n^length_penalty,   n = tokens produced, the end token included.
//   Step: rank the sums of all B * V continuations. Of the best K = (1 + number of end tokens) * B:
//     - those among the first B that stop (end token, or full length) compete for the pool;
//     - the best B that do not stop run on. So a hypothesis that ends gives its place to another.
//   Done when the pool cannot improve any more (early_stopping decides what that means), or nothing can run on.
//
// Ties: higher sum first, then lower b * V + token; in the pool, what is there already first. One deviation: results are
// cut at their end token, not filled up with padding.
#ifndef BEAM_H
#define BEAM_H
#include "processors.h"

typedef struct {
    int *ids, n; // decoder ids, prompt included
    float sum;   // of log-probabilities
    float score; // of a finished one: sum / length^penalty
    bool finished;
} Hypothesis;

typedef struct {
    const Options *options;
    int B, n_prompt;
    int n;                      // ids of each running hypothesis
    int max_length;             // at this many ids everything stops
    Hypothesis *running, *pool; // (B), best first; in the pool only those marked finished count
    int n_running; // rows to feed: 1 before the first step, as all hypotheses are still the same; then B
    int *parents, *tokens; // (B) of the last step: running b continued parents[b] by tokens[b]
    bool improvable, done;
    Hypothesis *next;             // (B) where a step builds its result
    struct Candidate *candidates; // (K) best first
    int n_candidates;
} Beam;

// A search with B = options->num_beams after a prompt; everything in arena.
Beam beam_new(Arena *arena, const Options *options, const int *prompt, int n_prompt, int max_length);
// What a sum is divided by to become a score: n_tokens ^ length_penalty, for the tokens produced. (pow in double: the
// last bit of its result does not matter.)
float length_divisor(const Options *options, int n_tokens);
// One step: log_probabilities (n_running, V), processed. Returns whether it goes on.
bool beam_advance(Beam *beam, const float *log_probabilities);
// The i-th best finished hypothesis, i = 0, 1, ..., NULL if there are not so many.
const Hypothesis *beam_result(const Beam *beam, int i);

#endif
