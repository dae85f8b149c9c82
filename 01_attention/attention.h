// SPDX-License-Identifier: MIT
// attention.h -- one query looks at n keys, and takes a weighted mean of their values (Vaswani et al. 2017, 3.2).
#ifndef ATTENTION_H
#define ATTENTION_H
#include "passes.h"

// The attention of one row.
//   mixed (H * Dh)       out: what the row takes from the values
//   weights (H, n_keys)  out: how much of each; a head's weights sum to 1
//   query (H * Dh)       of the row, which stands at `position`
//   kv                   keys and values; the row sees the first n_keys of them. None: mixed is 0
void attend(float *mixed, float *weights, const float *query, int position, const KV *kv, int n_keys,
            const Attention *a);

// Around it, what makes a sublayer. Lists are indexed by sequence: row i belongs to lists[rows[i].sequence].
//
KV *lists_new(State *s, Arena *arena, const Attention *a, int n); // n empty lists
void lists_drop(KV *lists, int n);
// Store: project each row of x (n_rows, D) to its key and value, and append them to the row's list.
void attention_store(State *s, const Attention *a, KV *lists, const float *x, const Row *rows, int n_rows);
// Look up: project each row of x to its query, attend to the row's list (up to its own position if the attention is
// causal), project what it found back. Returns (n_rows, D). Traces a->name: weights (H, n_keys), row by row.
float *attention_lookup(State *s, const Attention *a, const KV *lists, const float *x, const Row *rows,
                        int n_rows);

// The self-attention of a stack's first layer by itself, for the rows of one text: to look at, through the trace.
void first_attention(State *s, const Stack *stack, const Row *rows, int n_rows);

#endif
