// SPDX-License-Identifier: MIT
// textbook.c -- matrix multiplication as it is defined: a triple loop over rows, outputs and inputs.
//
// It is the reference: packed.c must give the same bits, since both add up each output in the order of k with
// the same MADD. It is also the slow kernel of the benchmark: every row reads the whole matrix again, and
// each sum is one chain of dependent additions. Layout: panel_width 1, so w->values is the row-major matrix
// (n_out, n_in).
#include "tensor/tensor.h"
#include <assert.h>

void matmul_textbook(float *y, const float *x, const Matrix *w, const float *bias, int n_rows)
{
    assert(w->panel_width == 1);
    for (int row = 0; row < n_rows; row++)
        for (int o = 0; o < w->n_out; o++) {
            float sum = bias ? bias[o] : 0;
            for (int k = 0; k < w->n_in; k++)
                sum = MADD(x[(size_t)row * w->n_in + k], w->values[(size_t)o * w->n_in + k], sum);
            y[(size_t)row * w->n_out + o] = sum;
        }
}
