// SPDX-License-Identifier: MIT
// positions.c -- tables of positions, computed when a model is loaded (formulas and layouts: positions.h).
//
// The models were trained with the tables of Hugging Face's code. The functions here follow it, so that
// distances fall into the same buckets and sines and cosines agree to float precision.
#include "model/positions.h"
#include <math.h>
#include <stdlib.h>

const float *sinusoidal_positions(Arena *arena, int n, int d_model)
{
    float *table = arena_floats(arena, n, d_model);
    const int half = (d_model + 1) / 2;
    for (int t = 0; t < n; t++)
        for (int column = 0; column < d_model; column++) {
            int i = column < half ? column : column - half;
            double angle = t / pow(10000, 2.0 * i / d_model);
            table[(size_t)t * d_model + column] = (float)(column < half ? sin(angle) : cos(angle));
        }
    return table;
}

int relative_bucket(int distance, int n_buckets, int max_distance, bool bidirectional)
{
    int first = 0, n = distance < 0 ? -distance : 0;
    if (bidirectional) {
        n_buckets /= 2;
        first = distance > 0 ? n_buckets : 0;
        n = abs(distance);
    }
    const int exact = n_buckets / 2; // distances below this have a bucket of their own
    if (n < exact) return first + n;
    // Rounded to float as in training: in double, some distances at a bucket's border would be in the one
    // below.
    const float ratio = (float)n / (float)exact, log_max = (float)log((double)max_distance / exact);
    const float steps = (float)log(ratio) / log_max * (float)(n_buckets - exact);
    return first + (steps < (float)(n_buckets - exact) ? exact + (int)steps : n_buckets - 1);
}

const float *relative_bias(Arena *arena, const float *table, int n_heads, int n_buckets, int max_distance,
                           bool bidirectional)
{
    const int columns = 2 * max_distance + 1;
    float *bias = arena_floats(arena, n_heads, columns);
    for (int d = -max_distance; d <= max_distance; d++) {
        int bucket = relative_bucket(d, n_buckets, max_distance, bidirectional);
        for (int h = 0; h < n_heads; h++)
            bias[(size_t)h * columns + max_distance + d] = table[(size_t)bucket * n_heads + h];
    }
    return bias;
}
