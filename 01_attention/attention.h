// SPDX-License-Identifier: MIT
// attention.h -- scaled dot-product attention: a query is compared with n keys, and the result is the mean of
// their values, weighted by how well each key matches.
//
// attend() is the formula, for rows of one text. attention_store() and attention_lookup() put the four
// projections of a layer around it; first_attention() is all that stage 01 needs of a model.
// Keys and values are kept in lists (tensor/kv.h), one per sequence: row i has lists[rows[i].sequence].
//
// Source: Vaswani et al. 2017, 3.2.1 (the formula) and 3.2.2 (several heads). No function here can fail.
#ifndef ATTENTION_H
#define ATTENTION_H
#include "passes.h"

// The attention of rows that follow each other in one text, softmax(Q K^T / sqrt(Dh)) V.
//   mixed (n_rows, H * Dh)    out: per row and head, the weighted mean of the values; 0 if n_keys is 0
//   probabilities             out: how much of each value; those of a head sum to 1. Row r has (H, its keys);
//                             rows begin H * (keys of the last row) floats apart
//   queries (n_rows, H * Dh)  of the rows at `position`, position + 1, ...
//   kv                        keys and values, of which the first row sees the first n_keys, and each further
//                             row one more if the attention is causal
void attend(float *mixed, float *probabilities, const float *queries, int n_rows, int position, const KV *kv,
            int n_keys, const Attention *a);

// n empty lists for the keys and values of one attention. Their memory: arena; that of blocks: s.
KV *lists_new(State *s, Arena *arena, const Attention *a, int n);
// Empty n lists; their blocks return to the pool.
void lists_drop(KV *lists, int n);

// Store: project each row of x (n_rows, D) to its key and value, and append both to the row's list.
void attention_store(State *s, const Attention *a, KV *lists, const float *x, const Row *rows, int n_rows);

// Look up: project each row of x (n_rows, D) to its query, attend to the row's list (up to the row's own
// position if the attention is causal), and project the result back. Returns (n_rows, D) in scratch memory.
float *attention_lookup(State *s, const Attention *a, const KV *lists, const float *x, const Row *rows,
                        int n_rows);

// The self-attention of a stack's first layer, for the rows of one text. Its only result is the trace.
void first_attention(State *s, const Stack *stack, const Row *rows, int n_rows);

#endif
