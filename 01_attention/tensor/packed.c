// SPDX-License-Identifier: MIT
// packed.c -- matrix multiplication in tiles: the product of the textbook, arranged for the machine.
//
// A tile is a few rows of x times a few panels of w. Its sums stay in registers while k runs through all inputs:
//
//                  panel 0        panel 1          for each k: load WIDTH weights of each panel and one x_k of
//      x row 0   WIDTH sums     WIDTH sums         each row, and do rows * panels * WIDTH multiplications and
//      x row 1   WIDTH sums     WIDTH sums         additions; a weight serves all rows, an x_k all panels
//
// Many rows: the panels' weights stay in the cache while one tile of rows after the other passes over them.
// One row: memory delivers several long streams faster than one, and a single chain of dependent additions would
// wait for itself; so the panels of a tile lie far apart, and the next tile goes on where this one stopped.
// Either way an output is ((bias + x_0 w_0) + x_1 w_1) + ..., in this order: neither the shape of the tile nor
// the other rows change a bit of it.
#include "tensor/loops.h"
#include "tensor/tensor.h"
#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { WIDTH = PANEL_WIDTH, MOST_PANELS = 4, STEPS_AHEAD = 32 };
#if defined __AVX512F__
enum { MOST_ROWS = 8, MOST_SUMS = 12 }; // panels of sums: 12 times 2 registers, of the 32 that there are
#elif defined __FMA__ || defined __ARM_FEATURE_FMA
enum { MOST_ROWS = 3, MOST_SUMS = 6 }; // AVX2: 6 times 2 registers, of 16
#else
enum { MOST_ROWS = 2, MOST_SUMS = 3 }; // SSE2: 3 times 4 registers, of 16
#endif

#define EACH_ROW   UNROLL for (int r = 0; r < rows; r++)
#define EACH_PANEL UNROLL for (int p = 0; p < panels; p++)
#define EACH_LANE  VECTOR for (int j = 0; j < WIDTH; j++)

// One tile. y: rows y_stride apart, panels `apart` panels apart; x (rows, n_in); w: panels (n_in, WIDTH), as far
// apart; start (panels, WIDTH): what the sums begin with. rows and panels are literals at every call, so that the
// loops unroll and `sum` becomes registers.
INLINE void tile(float *restrict y, size_t y_stride, const float *restrict x, const float *restrict w,
                 const float *restrict start, size_t n_in, size_t apart, const int rows, const int panels)
{
    float sum[MOST_SUMS][WIDTH];
    EACH_ROW EACH_PANEL EACH_LANE sum[r * panels + p][j] = start[p * WIDTH + j];
    for (size_t k = 0; k < n_in; k++) {
        if (panels < 4) // with few streams the hardware does not look far enough ahead
            EACH_PANEL for (int j = 0; j < WIDTH; j += 16)
                PREFETCH(w, (p * apart * n_in + k + STEPS_AHEAD) * WIDTH + j);
        LANES_AND(EACH_PANEL EACH_ROW, EACH_LANE)
        sum[r * panels + p][j] =
            MADD(x[r * n_in + k], w[(p * apart * n_in + k) * WIDTH + j], sum[r * panels + p][j]);
    }
    EACH_ROW EACH_PANEL EACH_LANE y[r * y_stride + p * apart * WIDTH + j] = sum[r * panels + p][j];
}

// The tile of the given size: one copy of the code above for each that exists.
static void tile_of(int rows, int panels, float *y, size_t y_stride, const float *x, const float *w,
                    const float *start, size_t n_in, size_t apart)
{
#define SIZE(r, p)                                                                                           \
    case 10 * r + p:                                                                                         \
        if (r <= MOST_ROWS && r * p <= MOST_SUMS) tile(y, y_stride, x, w, start, n_in, apart, r, p);         \
        break;
#define SIZES(r) SIZE(r, 1) SIZE(r, 2) SIZE(r, 3) SIZE(r, 4)
    switch (10 * rows + panels) {
        SIZES(1) SIZES(2) SIZES(3) SIZES(4) SIZES(5) SIZES(6) SIZES(7) SIZES(8)
    }
}

// How many parts n things make if none is larger than `most`; and the size of the first if all are about equal.
// 9 rows are 5 + 4, not 8 + 1: small tiles are slow.
static int parts(int n, int most) { return (n + most - 1) / most; }
static int part(int n, int most) { return parts(n, parts(n, most)); }

// All rows of x times `panels` panels: number `first`, and those `apart`, 2 apart, ... behind it.
static void times_panels(float *y, const float *x, const Matrix *w, const float *bias, int n_rows,
                         size_t first, int panels, size_t apart)
{
    const size_t n_in = w->n_in, n_out = w->n_out, o = first * WIDTH;
    const bool narrow = n_out - o < WIDTH; // the last panel: not all of its columns are outputs
    const size_t columns = narrow ? n_out - o : WIDTH;
    float start[MOST_PANELS * WIDTH] = {0}, edge[MOST_ROWS * WIDTH];
    for (int p = 0; bias && p < panels; p++)
        memcpy(start + p * WIDTH, bias + o + p * apart * WIDTH, columns * sizeof *bias);
    for (int row = 0, rows; row < n_rows; row += rows) {
        rows = part(n_rows - row, MOST_ROWS);
        float *y_tile = y + row * n_out + o;
        tile_of(rows, panels, narrow ? edge : y_tile, narrow ? WIDTH : n_out, x + row * n_in,
                w->values + o * n_in, start, n_in, apart);
        for (int r = 0; narrow && r < rows; r++)
            memcpy(y_tile + r * n_out, edge + r * WIDTH, columns * sizeof *y);
    }
}

static void product(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first,
                    int last)
{
    const int room = MOST_SUMS / part(n_rows, MOST_ROWS), most = room < MOST_PANELS ? room : MOST_PANELS;
    const int end = last < w->n_out / WIDTH ? last : w->n_out / WIDTH; // of the panels without unused columns
    const int apart = parts(end - first, most);
    for (int i = first; i < first + apart; i++)
        times_panels(y, x, w, bias, n_rows, i, parts(end - i, apart), apart);
    if (end < last) times_panels(y, x, w, bias, n_rows, end, 1, 1);
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
    if (n_rows == 0) return;
    if (w->width == WIDTH) product(y, x, w, bias, n_rows, first, last);
    else product_any_width(y, x, w, bias, n_rows, first, last);
}
