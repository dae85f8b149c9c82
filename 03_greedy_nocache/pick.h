// SPDX-License-Identifier: MIT
// pick.h -- choose the next token from processed scores: the best one, or one at random by its probability.
#ifndef PICK_H
#define PICK_H
#include "options.h"

// A stream of random numbers, a function of (seed, number of the stream) and of the ids that were stirred in
// before the first number was drawn: SplitMix64 (Steele, Lea and Flood 2014).
typedef struct {
    uint64_t state;
} Random;
Random random_stream(uint64_t seed, uint64_t stream);
void random_stir(Random *random, const int *ids, int n); // another stream for each list of ids
double random_next(Random *random);                      // uniform in [0, 1), 53 bits

enum { NO_TOKEN = -1 };
// Temperature 0 (or too small to divide by): the token with the highest score, the lowest id among equals.
// Else one drawn from sampling_probabilities(). NO_TOKEN if all are banned. scores (V) are overwritten;
// scratch: for sorting.
int pick(float *scores, const Options *options, Random *random, Arena *scratch);

// scores (V) become probabilities, in Hugging Face's order:
//   temperature  scores / temperature
//   top-k        keep what scores no less than the k-th best
//   top-p        of the rest keep the best, until what is kept has probability p (Holtzman et al. 2020)
//   min-p        of the rest keep what has at least min_p times the probability of the best
// then softmax; what is not kept has probability 0. Among equal scores the lower id ranks higher.
void sampling_probabilities(float *scores, const Options *options, Arena *scratch);

#endif
