// SPDX-License-Identifier: MIT
// packed.c -- matrix multiplication in tiles.
#include "tensor.h"
#include <assert.h>

void matmul_packed(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first, int last)
{
    enum { WIDEST = 64 };
    const int width = w->width;
    assert(width <= WIDEST);
    for (int panel = first; panel < last; panel++) {
        const float *p = w->values + (size_t)panel * w->n_in * width;
        const int o = panel * width, n = w->n_out - o < width ? w->n_out - o : width;
        for (int row = 0; row < n_rows; row++) {
            float sum[WIDEST] = {0};
            for (int j = 0; j < n; j++) sum[j] = bias ? bias[o + j] : 0;
            for (int k = 0; k < w->n_in; k++)
                for (int j = 0; j < width; j++)
                    sum[j] = MADD(x[(size_t)row * w->n_in + k], p[(size_t)k * width + j], sum[j]);
            for (int j = 0; j < n; j++) y[(size_t)row * w->n_out + o + j] = sum[j];
        }
    }
}
