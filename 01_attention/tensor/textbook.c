// SPDX-License-Identifier: MIT
// textbook.c -- matrix multiplication as it is defined. The reference for packed.c, which must equal it in
// every bit, and the slow curve of the benchmark.
#include "tensor/tensor.h"
#include <assert.h>

void matmul_textbook(float *y, const float *x, const Matrix *w, const float *bias, int n_rows)
{
    assert(w->width == 1);
    for (int row = 0; row < n_rows; row++)
        for (int o = 0; o < w->n_out; o++) {
            float sum = bias ? bias[o] : 0;
            for (int k = 0; k < w->n_in; k++)
                sum = MADD(x[(size_t)row * w->n_in + k], w->values[(size_t)o * w->n_in + k], sum);
            y[(size_t)row * w->n_out + o] = sum;
        }
}
