// SPDX-License-Identifier: MIT
// packed.c -- matrix multiplication with register tiling: the sums of textbook.c, scheduled for the machine.
//
// A tile is a few rows of x times a few panels of w. Its sums stay in registers while k runs over all inputs:
//
//               panel 0   panel 1      for each k, load a vector of weights per panel and one x_k per row,
//   x row 0     sums      sums         and do rows * panels * PANEL multiply-adds:
//   x row 1     sums      sums         a weight serves all rows, an x_k all panels
//
// Many rows: the weights of a tile's panels stay in the cache while the tiles of all rows use them.
// One row (a cached step): the limit is memory bandwidth. The panels of a tile are therefore far apart, so
// that each is a read stream of its own: several streams are faster than one, as each gets its own hardware
// prefetcher. The next tile continues all streams. Several panels are also several independent chains.
// Only a tile of one panel prefetches by software: with several streams that was slower.
// If n_out is not a multiple of PANEL_WIDTH, the last panel has unused columns. Its tiles may compute only
// the first half or quarter of it; they have twice the rows, as the sums of a row need fewer registers.
// Every output is ((bias + x_0 w_0) + x_1 w_1) + ... in this order, whatever the tile and the other rows are.
#include "tensor/loops.h"
#include "tensor/tensor.h"
#include <assert.h>
#include <stdbool.h>
#include <string.h>

// Of a tile. MAX_SUMS fit the registers; with BEST_ROWS rows at most, whole panels were fastest.
// PREFETCH_DISTANCE is in weights.
enum { MAX_ROWS = 8, MAX_PANELS = 4, PREFETCH_DISTANCE = 1536 };
enum { PANEL = PANEL_WIDTH, HALF = PANEL / 2, QUARTER = PANEL / 4 };
#if defined __AVX512F__
enum { MAX_SUMS = 12 * PANEL, BEST_ROWS = 8 }; // 24 of 32 registers
#elif (defined __FMA__ || defined __ARM_FEATURE_FMA) && !defined __clang__
enum { MAX_SUMS = 6 * PANEL, BEST_ROWS = 6 }; // AVX2: 12 of 16 registers
#elif defined __FMA__ || defined __ARM_FEATURE_FMA
enum { MAX_SUMS = 6 * PANEL, BEST_ROWS = 3 }; // of six rows clang keeps some sums in memory
#else
enum { MAX_SUMS = 3 * PANEL, BEST_ROWS = 2 }; // SSE2: 12 of 16 registers
#endif

#define EACH_ROW   UNROLL for (int r = 0; r < rows; r++)
#define EACH_PANEL UNROLL for (int p = 0; p < panels; p++)
#define EACH_LANE  VECTOR for (int j = 0; j < width; j++)

// One tile, always inlined.
//   y                       out: rows y_stride floats apart, panels of columns stride panels apart
//   x (rows, n_in)
//   w (n_in, PANEL)         of each panel; panels stride panels apart
//   start (panels, PANEL)   initial values of the sums: the bias
// columns: some panels, or the first half or quarter of one. It and rows are literals in every call, so that
// the loops unroll and `sum` is kept in registers.
INLINE void tile(float *restrict y, size_t y_stride, const float *restrict x, const float *restrict w,
                 const float *restrict start, size_t n_in, size_t stride, const int rows, const int columns)
{
    const int panels = ceil_div(columns, PANEL), width = columns / panels;
    float sum[MAX_SUMS];
    EACH_ROW EACH_PANEL EACH_LANE sum[(r * panels + p) * width + j] = start[p * PANEL + j];
    for (size_t k = 0; k < n_in; k++) {
        if (columns == PANEL) // one stream: the hardware alone does not read it far enough ahead
            for (int j = 0; j < PANEL; j += 16) PREFETCH(w, k * PANEL + j + PREFETCH_DISTANCE);
        LANES_AND(EACH_PANEL EACH_ROW, EACH_LANE)
        sum[(r * panels + p) * width + j] =
            MADD(x[r * n_in + k], w[(p * stride * n_in + k) * PANEL + j], sum[(r * panels + p) * width + j]);
    }
    EACH_ROW EACH_PANEL EACH_LANE y[r * y_stride + p * stride * PANEL + j] =
        sum[(r * panels + p) * width + j];
}

// Select the tile of this size: an own copy of tile() is compiled for each size that fits the registers.
static void tile_of(int rows, int columns, float *y, size_t y_stride, const float *x, const float *w,
                    const float *start, size_t n_in, size_t stride)
{
#define SIZE(r, c)                                                                                           \
    case 1000 * r + c:                                                                                       \
        if (r * (c) <= MAX_SUMS) tile(y, y_stride, x, w, start, n_in, stride, r, c);                         \
        break;
#define SIZES(r)                                                                                             \
    SIZE(r, QUARTER)                                                                                         \
    SIZE(r, HALF)                                                                                            \
    SIZE(r, PANEL)                                                                                           \
    SIZE(r, 2 * PANEL)                                                                                       \
    SIZE(r, 3 * PANEL)                                                                                       \
    SIZE(r, 4 * PANEL)
    switch (1000 * rows + columns) {
        SIZES(1) SIZES(2) SIZES(3) SIZES(4) SIZES(5) SIZES(6) SIZES(7) SIZES(8)
    }
}

// All rows of x times the panels first, first + stride, ..., `panels` of them.
static void times_panels(float *y, const float *x, const Matrix *w, const float *bias, int n_rows,
                         size_t first, int panels, size_t stride)
{
    const size_t n_in = w->n_in, n_out = w->n_out, o = first * PANEL;
    const bool narrow = n_out - o < PANEL; // the last panel, if it has unused columns
    const int columns = narrow ? (int)(n_out - o) : PANEL;
    // One row has the same loads either way, and of a single short sum gcc makes slow code.
    const int width = n_rows == 1 || columns > HALF ? PANEL : columns > QUARTER ? HALF : QUARTER;
    const int max_rows = smaller(width < PANEL ? 2 * BEST_ROWS : BEST_ROWS, MAX_ROWS);
    float start[MAX_PANELS * PANEL] = {0}, edge[MAX_ROWS * PANEL];
    for (int p = 0; bias && p < panels; p++)
        memcpy(start + p * PANEL, bias + o + p * stride * PANEL, columns * sizeof *bias);
    for (int row = 0, rows; row < n_rows; row += rows) {
        rows = even_size(n_rows - row, max_rows);
        float *y_tile = y + row * n_out + o;
        tile_of(rows, panels * width, narrow ? edge : y_tile, narrow ? PANEL : n_out, x + row * n_in,
                w->values + o * n_in, start, n_in, stride);
        for (int r = 0; narrow && r < rows; r++)
            memcpy(y_tile + r * n_out, edge + r * PANEL, columns * sizeof *y);
    }
}

// All rows of x times the panels first .. last-1. With m tiles, tile i has the panels i, i + m, i + 2 m,
// ...: m is both the number of tiles and the stride. A narrow last panel is a tile of its own.
static void product(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first,
                    int last)
{
    const int max = smaller(MAX_SUMS / PANEL / even_size(n_rows, BEST_ROWS), MAX_PANELS);
    const int end = smaller(last, w->n_out / PANEL); // of the full panels
    const int stride = ceil_div(end - first, max);
    for (int i = first; i < first + stride; i++)
        times_panels(y, x, w, bias, n_rows, i, ceil_div(end - i, stride), stride);
    if (end < last) times_panels(y, x, w, bias, n_rows, end, 1, 1);
}

// The same for any other panel_width, without tiles: 16 columns of one row at a time. No program uses it.
static void product_any_panel_width(float *y, const float *x, const Matrix *w, const float *bias, int n_rows,
                                    int first, int last)
{
    const size_t n_in = w->n_in, n_out = w->n_out, panel_width = w->panel_width;
    for (size_t o = first * panel_width; o < last * panel_width && o < n_out; o += 16)
        for (int row = 0; row < n_rows; row++) {
            const float *column = w->values + o / panel_width * panel_width * n_in + o % panel_width;
            float sum[16];
            for (size_t j = 0; j < 16; j++) sum[j] = bias && o + j < n_out ? bias[o + j] : 0;
            for (size_t k = 0; k < n_in; k++)
                for (size_t j = 0; j < 16; j++)
                    sum[j] = MADD(x[row * n_in + k], column[k * panel_width + j], sum[j]);
            for (size_t j = 0; j < 16 && o + j < n_out; j++) y[row * n_out + o + j] = sum[j];
        }
}

void matmul_packed(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first,
                   int last)
{
    assert(w->panel_width % 16 == 0);
    if (n_rows == 0) return;
    if (w->panel_width == PANEL) product(y, x, w, bias, n_rows, first, last);
    else product_any_panel_width(y, x, w, bias, n_rows, first, last);
}
