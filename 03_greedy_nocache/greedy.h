// SPDX-License-Identifier: MIT
// greedy.h -- generate: feed the output back in, until the end token. Nothing is remembered between steps, so
// every step computes every row again.
#ifndef GREEDY_H
#define GREEDY_H
#include "sequence.h"

// Called after every token.
typedef void OnToken(void *user, const Sequence *sequence);

// Run a sequence to its end, for an encoded source (unused by a decoder-only model).
void greedy(State *s, const Model *m, Sequence *sequence, const Encoded *source, OnToken *on_token,
            void *user);

#endif
