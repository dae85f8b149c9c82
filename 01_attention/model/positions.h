// SPDX-License-Identifier: MIT
// positions.h -- two of the three ways to give a Transformer the position of a token: sinusoidal positions
// and relative position bias. (The third, learned positions, is a tensor of the checkpoint.)
//
// Both are tables computed once, when the model is loaded, with libm: sines and powers in double precision,
// the logarithms of buckets in float where Hugging Face uses float.
// Attention itself does not depend on the order of the keys; only these tables make positions differ.
#ifndef POSITIONS_H
#define POSITIONS_H
#include "tensor/memory.h"
#include <stdbool.h>

// Sinusoidal positions (Vaswani et al. 2017, 3.5) in the column order of Hugging Face's Marian: sines in the
// first ceil(D / 2) columns, cosines in the rest. Returns (n, d_model):
//   [t][i] = sin(t / 10000^(2 i / D))      [t][ceil(D / 2) + i] = cos(t / 10000^(2 i / D))
const float *sinusoidal_positions(Arena *arena, int n, int d_model);

// The bucket of a distance = key position - query position (Raffel et al. 2020, 2.1). Each small distance has
// a bucket of its own, larger ones are grouped in logarithmically growing buckets, and those from
// max_distance on are all in the last. Bidirectional: the second half of the buckets is for keys after the
// query (distance > 0); else these are in bucket 0.
int relative_bucket(int distance, int n_buckets, int max_distance, bool bidirectional);

// From a table (n_buckets, H) to one number per head and distance: returns (H, 2 max_distance + 1), where
// [h][max_distance + d] is the bias for distance d, -max_distance <= d <= max_distance.
const float *relative_bias(Arena *arena, const float *table, int n_heads, int n_buckets, int max_distance,
                           bool bidirectional);

#endif
