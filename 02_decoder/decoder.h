// SPDX-License-Identifier: MIT
// decoder.h -- the half of the Transformer that writes (Vaswani et al. 2017, figure 1, right): given the
// tokens so far, how likely is each token of the vocabulary to be next? All positions at once, nothing is
// remembered.
#ifndef DECODER_H
#define DECODER_H
#include "encoder.h"

// Logits (wanted rows, V) for the tokens of one text, rows[0 .. T-1] at positions 0 .. T-1. Row t of the
// result belongs to the t-th wanted row and rates the token that follows it. source: of the same text;
// unused by a decoder-only model. The result is scratch memory: valid until the next forward pass.
float *decoder_forward(State *s, const Model *m, const Row *rows, int n_rows, const Encoded *source);

// ---- teacher forcing: how probable is a given target? -----------------------------------------------------

// One text as the model reads it: the source, which is encoded, and the prompt, the tokens that the decoder
// reads first. Where there is an encoder the prompt is the start token, else it is the text itself.
typedef struct {
    const int *source, *prompt;
    int n_source, n_prompt; // n_source 0: no encoder
} Input;
Input input_of(const Model *m, const int *ids, int n); // ids must live as long as the input; so must m

// Encode the source of one text: {0} where there is none.
Encoded encode_input(State *s, const Model *m, Arena *memory, const Input *input);

// Logits (T, V), row t for target[t]: the decoder reads the prompt and the target without its last token.
// In memory, which the caller owns.
float *teacher_force(State *s, const Model *m, Arena *memory, const Input *input, const int *target, int T);

#endif
