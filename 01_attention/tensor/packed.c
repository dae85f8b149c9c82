// SPDX-License-Identifier: MIT
// packed.c -- matrix multiplication in tiles: the product of the textbook, arranged for the machine.
//
// A tile is a few rows of x times a few panels of w. Its sums stay in registers while k runs through all inputs:
//
//                    panel 0         panel 1         for each k: load row k of each panel (WIDTH weights),
//      x row 0     sum 0: WIDTH    sum 1: WIDTH      one x_k per row, and do rows * panels * WIDTH multiplications
//      x row 1     sum 2: WIDTH    sum 3: WIDTH      and additions. A weight serves all rows, an x_k all panels.
//
// Many rows: the weights of the panels stay in the cache while one tile of rows after the other passes over
// them. One row: several panels at once, since memory delivers several streams faster than one, and since a
// single chain of dependent additions would wait for itself. Either way an output is bias + x_0 w_0 + x_1 w_1 + ...
// in this order, so neither the shape of the tile nor the other rows change a bit of it.
#include "tensor.h"
#include <assert.h>
#include <string.h>

enum { WIDTH = PANEL_WIDTH, STEPS_AHEAD = 32 };
#if defined __AVX512F__
enum { MOST_ROWS = 6, MOST_SUMS = 12, MOST_PANELS = 8 }; // 12 sums of 2 registers, of 32 that there are
#elif defined __FMA__ || defined __ARM_FEATURE_FMA
enum { MOST_ROWS = 3, MOST_SUMS = 6, MOST_PANELS = 6 }; // AVX2: 6 sums of 2 registers, of 16
#else
enum {
    MOST_ROWS = 2,
    MOST_SUMS = 2,
    MOST_PANELS = 2
}; // SSE2: 2 sums of 4 registers, of 16; products need some too
#endif

#ifdef __GNUC__ // or clang
#define ALWAYS_INLINE     static inline __attribute__((always_inline))
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define ALWAYS_INLINE     static inline
#define PREFETCH(address) ((void)(address))
#endif
#if defined __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined __GNUC__
#define UNROLL _Pragma("GCC unroll 8")
#else
#define UNROLL
#endif
#define EACH_ROW   UNROLL for (int r = 0; r < rows; r++)
#define EACH_PANEL UNROLL for (int p = 0; p < panels; p++)
#define EACH_LANE  _Pragma("omp simd") for (int j = 0; j < WIDTH; j++)

// y (rows, panels * WIDTH) = start + x w^T; x (rows, n_in), w (panels, n_in, WIDTH), start (panels * WIDTH).
// rows and panels are literals at every call, so that the loops unroll and sum becomes registers.
ALWAYS_INLINE void tile(float *restrict y, size_t y_stride, const float *restrict x, const float *restrict w,
                        const float *restrict start, size_t n_in, const int rows, const int panels)
{
    float sum[MOST_SUMS][WIDTH];
    EACH_ROW EACH_PANEL EACH_LANE sum[r * panels + p][j] = start[p * WIDTH + j];
    for (size_t k = 0; k < n_in; k++) {
        if (panels <= 3) // with few streams the hardware does not look far enough ahead
            EACH_PANEL for (int j = 0; j < WIDTH; j += 16)
                PREFETCH(w + (p * n_in + k + STEPS_AHEAD) * WIDTH + j);
#ifdef __clang__ // makes vector instructions of the outer loop ...
        EACH_LANE EACH_PANEL EACH_ROW
#else // ... and gcc of the inner one
        EACH_PANEL EACH_ROW EACH_LANE
#endif
            sum[r * panels + p][j] =
                MADD(x[r * n_in + k], w[(p * n_in + k) * WIDTH + j], sum[r * panels + p][j]);
    }
    EACH_ROW EACH_PANEL EACH_LANE y[r * y_stride + p * WIDTH + j] = sum[r * panels + p][j];
}

// The tile of the given size: one copy of the code above for each that exists.
static void tile_of(int rows, int panels, float *y, size_t y_stride, const float *x, const float *w,
                    const float *start, size_t n_in)
{
#define SIZE(r, p)                                                                                           \
    case 10 * r + p:                                                                                         \
        if (r <= MOST_ROWS && p <= MOST_PANELS && r * p <= MOST_SUMS)                                        \
            tile(y, y_stride, x, w, start, n_in, r, p);                                                      \
        break;
#define SIZES(r) SIZE(r, 1) SIZE(r, 2) SIZE(r, 3) SIZE(r, 4) SIZE(r, 5) SIZE(r, 6) SIZE(r, 7) SIZE(r, 8)
    switch (10 * rows + panels) {
        SIZES(1) SIZES(2) SIZES(3) SIZES(4) SIZES(5) SIZES(6)
    }
}

// `left` things in as few parts as possible, none larger than `most`: the size of the first, if all are about equal.
// 7 rows are 4 + 3, not 6 + 1: small tiles are slow.
static int part_of(int left, int most)
{
    int n_parts = (left + most - 1) / most;
    return (left + n_parts - 1) / n_parts;
}

static void product(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first,
                    int last)
{
    const size_t n_in = w->n_in, n_out = w->n_out;
    const int fit = MOST_SUMS / part_of(n_rows, MOST_ROWS),
              most_panels = fit < MOST_PANELS ? fit : MOST_PANELS;
    for (int panel = first, panels; panel < last; panel += panels) {
        panels = part_of(last - panel, most_panels);
        const size_t o = (size_t)panel * WIDTH, wide = (size_t)panels * WIDTH;
        const size_t columns = n_out - o < wide ? n_out - o : wide; // the last panel may have unused columns
        float start[MOST_SUMS * WIDTH] = {0}, edge[MOST_SUMS * WIDTH];
        if (bias) memcpy(start, bias + o, columns * sizeof *bias);
        for (int row = 0, rows; row < n_rows; row += rows) {
            rows = part_of(n_rows - row, MOST_ROWS);
            float *y_tile = y + row * n_out + o;
            if (columns == wide)
                tile_of(rows, panels, y_tile, n_out, x + row * n_in, w->values + o * n_in, start, n_in);
            else {
                tile_of(rows, panels, edge, wide, x + row * n_in, w->values + o * n_in, start, n_in);
                for (int r = 0; r < rows; r++)
                    memcpy(y_tile + r * n_out, edge + r * wide, columns * sizeof *y);
            }
        }
    }
}

// The same for panels of a width that is not this CPU's: 16 columns of one row at a time.
static void product_any_width(float *y, const float *x, const Matrix *w, const float *bias, int n_rows,
                              int first, int last)
{
    const size_t n_in = w->n_in, n_out = w->n_out, width = w->width;
    for (size_t o = first * width; o < last * width && o < n_out; o += 16)
        for (int row = 0; row < n_rows; row++) {
            const float *column = w->values + o / width * width * n_in + o % width;
            float sum[16];
            for (size_t j = 0; j < 16; j++) sum[j] = bias && o + j < n_out ? bias[o + j] : 0;
            for (size_t k = 0; k < n_in; k++)
                for (size_t j = 0; j < 16; j++)
                    sum[j] = MADD(x[row * n_in + k], column[k * width + j], sum[j]);
            for (size_t j = 0; j < 16 && o + j < n_out; j++) y[row * n_out + o + j] = sum[j];
        }
}

void matmul_packed(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first,
                   int last)
{
    assert(w->width % 16 == 0);
    if (w->width == WIDTH) product(y, x, w, bias, n_rows, first, last);
    else product_any_width(y, x, w, bias, n_rows, first, last);
}
