// SPDX-License-Identifier: MIT
// sequence.h -- the decoder's ids of one text so far, and what decides which id follows.
//
// Greedy decoding and sampling extend one sequence per text. In beam search (05) a hypothesis is one.
#ifndef SEQUENCE_H
#define SEQUENCE_H
#include "decoder.h"
#include "pick.h"

// Why a sequence ended although no end token was picked and max_length was not reached.
typedef enum {
    NO_PROBLEM,
    OUT_OF_POSITIONS, // the model has no position for another token
    ALL_BANNED,       // no token has a finite probability: the rules ban all
    NOT_FINITE,       // no token has a finite probability: the logits are not finite
} Problem;

typedef struct Sequence {
    const Options *options;
    int *ids, n;     // the first n_prompt were given, the others produced
    int n_prompt;    // P
    int max_length;  // n is at most this
    Random random;   // unused at temperature 0
    bool ended;      // nothing more comes, because of an end token, max_length, or ...
    Problem problem; // ... this
    // For scores (05):
    bool with_sum; // a batch adds up the sum
    float sum;     // of the log-probabilities of what was produced
    float score;   // of a hypothesis that has ended: sum / length^penalty
    bool live;     // a hypothesis that is one (beam.h)
} Sequence;

// A sequence that starts with a prompt. Its random numbers depend on options->seed, the number of the sample,
// and the input's ids, and on nothing else. The ids are in arena.
Sequence sequence_new(Arena *arena, const Options *options, const Input *input, int max_length, int sample);
// Apply the rules to the logits (V) of the last row, pick a token, append it. The logits are overwritten.
// ALL_BANNED or NOT_FINITE: nothing has been appended.
void sequence_advance(Sequence *sequence, float *logits, Arena *scratch);
// Of a sequence that has ended: whether max_length ended it, perhaps by force of an end token there.
bool sequence_is_cut(const Sequence *sequence);

#endif
