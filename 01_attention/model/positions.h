// SPDX-License-Identifier: MIT
// positions.h -- two tables that tell a Transformer where a token stands. (Learned positions are a third: they are
// simply stored.) Computed once at load, in double precision with libm.
#ifndef POSITIONS_H
#define POSITIONS_H
#include "tensor/memory.h"
#include <stdbool.h>

// Sinusoidal positions (Vaswani et al. 2017, 3.5) in the column order of Hugging Face's Marian: sines in the first
// ceil(D / 2) columns, cosines in the rest. Returns (n, width):
//   [t][i] = sin(t / 10000^(2 i / D))      [t][ceil(D / 2) + i] = cos(t / 10000^(2 i / D))
const float *sinusoidal_positions(Arena *arena, int n, int width);

// The bucket of key position - query position (Raffel et al. 2020, 2.1): near distances have buckets of their own,
// far ones share logarithmically growing buckets, all from max_distance on the last. Where both directions can
// be seen (bidirectional), half of the buckets are for keys behind the query; else keys behind it are in bucket 0.
int relative_bucket(int distance, int n_buckets, int max_distance, bool bidirectional);

// From a table (n_buckets, H) to one number per head and distance: (H, 2 max_distance + 1), [h][max_distance + d]
// for d = key - query from -max_distance to max_distance.
const float *relative_bias(Arena *arena, const float *table, int n_heads, int n_buckets, int max_distance,
                           bool bidirectional);

#endif
