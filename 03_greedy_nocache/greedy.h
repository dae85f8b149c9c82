// SPDX-License-Identifier: MIT
// greedy.h -- generate: feed the output back in, until the end token. Nothing is remembered between steps, so every
// step computes every row again.
#ifndef GREEDY_H
#define GREEDY_H
#include "decoder.h"
#include "pick.h"
#include "processors.h"

// A text in the making, and how it is made.
typedef struct {
    const Model *model;
    const Options *options;
    int *ids, n, n_prompt; // decoder ids: n_prompt given, then produced
    int max_length;        // n is at most this
    Random random;         // unused at temperature 0
    bool ended;            // nothing more comes, because ...
    bool out_of_positions; // ... the model has no position for another token (else: end token, or max_length)
} Sequence;

// A sequence that starts with a prompt; its random stream is (options->seed, sample). In arena.
Sequence sequence_new(Arena *arena, const Model *model, const Options *options, const Input *input,
                      int max_length, int sample);
// Process the logits (V) of the last row, pick a token, append it. The logits are overwritten.
void sequence_advance(Sequence *sequence, float *logits, Arena *scratch);

// Called after every token.
typedef void OnToken(void *user, const Sequence *sequence);

// Run a sequence to its end, for an encoded source (unused by a decoder-only model).
void greedy(State *s, const Model *m, Sequence *sequence, const Encoded *source, OnToken *on_token,
            void *user);

#endif
