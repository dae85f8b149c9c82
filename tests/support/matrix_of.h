// SPDX-License-Identifier: MIT
// matrix_of.h -- a whole matrix at once, where a model's is loaded panel by panel.
#ifndef MATRIX_OF_H
#define MATRIX_OF_H
#include "tensor/tensor.h"

// rows (n_out, n_in)
static inline Matrix matrix_of(Arena *arena, const float *rows, int n_in, int n_out, int panel_width)
{
    Matrix w = matrix_new(arena, n_in, n_out, panel_width);
    for (int panel = 0; panel < matrix_panels(&w); panel++, rows += (size_t)panel_width * n_in)
        matrix_set_panel(&w, panel, rows);
    return w;
}

#endif
