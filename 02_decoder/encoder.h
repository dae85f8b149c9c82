// SPDX-License-Identifier: MIT
// encoder.h -- the half of the Transformer that reads the source (Vaswani et al. 2017, figure 1, left).
#ifndef ENCODER_H
#define ENCODER_H
#include "attention.h"

// What the decoder looks at: one row per source token.
typedef struct {
    const float *values; // (n_rows, D)
    const Row *rows;     // which token of which text each row is
    int n_rows;          // S of one text; of several texts the sum
} Encoded;

// Encode the sources of one or several texts (rows[i].sequence, from 0 to n_sequences-1) at once.
// The values are written to memory, which the caller owns; rows must live as long as they do.
Encoded encoder_forward(State *s, const Model *m, Arena *memory, const Row *rows, int n_rows,
                        int n_sequences);

#endif
