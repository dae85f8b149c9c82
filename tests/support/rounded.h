// SPDX-License-Identifier: MIT
// rounded.h -- the numbers that a list of keys and values (tensor/kv.h) can hold, by their definition and in
// double: what kv.c does with bits is compared with this.
#ifndef ROUNDED_H
#define ROUNDED_H
#include "tensor/kv.h"
#include <math.h>

// The nearest half, of two the even one; finite ones are at most 65504. Halves from 2^e on are 2^(e - 10)
// apart, the smallest 2^-24.
static inline float nearest_half(float x)
{
    if (!isfinite(x) || x == 0) return x;
    const int exponent = ilogb((double)x);
    const double unit = ldexp(1, (exponent < -14 ? -14 : exponent) - 10);
    const double size = fmin(nearbyint(fabs((double)x) / unit) * unit, 65504);
    return (float)copysign(size, (double)x);
}

// The n numbers of a head of a key or value, which have one scale.
static inline void nearest_whole(float *x, int n)
{
    float largest = 0;
    bool finite = true;
    for (int i = 0; i < n; i++) largest = fmaxf(largest, fabsf(x[i])), finite = finite && isfinite(x[i]);
    const float unit = largest / 127;
    for (int i = 0; i < n; i++)
        x[i] = !finite     ? NAN
               : unit == 0 ? 0
                           : (float)fmax(-127, fmin(127, nearbyint((double)(x[i] / unit)))) * unit;
}

// A whole key or value.
static inline void round_row(float *row, const KVPool *pool)
{
    for (int i = 0; i < pool->n_heads * pool->head_dim && pool->type == KV_F16; i++)
        row[i] = nearest_half(row[i]);
    for (int h = 0; h < pool->n_heads && pool->type == KV_INT8; h++)
        nearest_whole(row + h * pool->head_dim, pool->head_dim);
}

#endif
