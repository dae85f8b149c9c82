// SPDX-License-Identifier: MIT
// processors.h -- rules about what may come next, applied to the scores of all tokens before one is chosen.
//
// The scores are raw logits in greedy decoding and sampling, and log-probabilities in beam search; nothing is
// normalised again. Order and rules are those of Hugging Face (generation/logits_process.py):
//   repetition penalty, no repeated n-grams, bad words, minimum length, forced first and last token,
//   suppressed tokens
// A banned token has the score -infinity. The rules can ban all tokens.
#ifndef PROCESSORS_H
#define PROCESSORS_H
#include "sequence.h"

// Whether logits (V) can become probabilities: none is NaN or +infinity. (-infinity can: a token that never
// comes.)
bool logits_usable(const float *logits, int V);

// Apply all rules to the scores (V) of what may follow a sequence, in place.
void apply_processors(float *scores, const Options *options, const Sequence *sequence, Arena *scratch);

// The token that must come next because it is forced (the first of several), -1 if none is.
int forced_token(const Options *options, const Sequence *sequence);

#endif
