// SPDX-License-Identifier: MIT
// tensor.h -- matrices of weights, and operations on rows of activations.
//
// The letters for dimensions, used in the whole project:
//   T target length      S source length     D model dimension (d_model)   H heads   Dh head dimension
//   F feed-forward size  V vocabulary size   L layers                      B batch size or beams
// A comment (T, D) behind a pointer means: T rows of D floats, row after row (row-major).
// Functions take outputs first, then inputs, then sizes; they never write their inputs. None can fail.
//
// The contract that all tests of equal bits rely on: every element of a result is one sum in one fixed order.
// It does not depend on how many rows are computed together, on panel_width, or on the number of threads.
#ifndef TENSOR_H
#define TENSOR_H
#include "tensor/elementary.h"
#include "tensor/memory.h"
#include "tensor/workers.h"

// The panel_width that suits the target, in vector registers: AVX-512 two of 16 floats, AVX2 two of 8, SSE2
// four of 4.
#ifdef __AVX512F__
enum { PANEL_WIDTH = 32 };
#else
enum { PANEL_WIDTH = 16 };
#endif

// A matrix of weights W (n_out, n_in). It is stored in panels of panel_width outputs each, so that the
// weights of one vector instruction are contiguous:
//   values (ceil(n_out / panel_width), n_in, panel_width)      weights of outputs past n_out are 0
// With panel_width 1 this is the plain row-major matrix (n_out, n_in).
typedef struct {
    int n_in, n_out, panel_width;
    float *values;
} Matrix;

// A matrix to be filled by one of the two functions below. panel_width: 1, or a multiple of 16 up to 64.
Matrix matrix_new(Arena *arena, int n_in, int n_out, int panel_width);
int matrix_panel_rows(const Matrix *w, int panel); // outputs in a panel: panel_width, or fewer in the last
void matrix_set_panel(Matrix *w, int panel, const float *rows);    // rows (outputs in the panel, n_in) of W
void matrix_set_column(Matrix *w, int input, const float *column); // column (n_out) of W
void matrix_row(float *row, const Matrix *w, int output);          // read a row (n_in) of W
int matrix_panels(const Matrix *w);
size_t matrix_floats(const Matrix *w); // floats stored, padding included

// y = x W^T + bias for each of n_rows rows: y (n_rows, n_out), x (n_rows, n_in), bias (n_out) or NULL for 0.
// y_o = (((bias_o + x_0 w_o0) + x_1 w_o1) + ...), each step one MADD.
void matmul(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, Workers *workers);

// The two implementations, with equal results bit for bit: the triple loop of the definition (panel_width 1),
// and register tiling for the panels first .. last-1 (any other panel_width).
void matmul_textbook(float *y, const float *x, const Matrix *w, const float *bias, int n_rows);
void matmul_packed(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first,
                   int last);

void add(float *x, const float *y, size_t n);      // x += y
void multiply(float *x, const float *y, size_t n); // x *= y, element by element
void scale(float *x, float factor, size_t n);      // x *= factor

// Softmax of each row in place: x (n_rows, n). Does nothing if n is 0.
//   p_i = exp(x_i - max x) / sum_j exp(x_j - max x)
void softmax(float *x, int n_rows, int n);
// From stage 02: log p_i of one row, x_i - max x - log sum_j exp(x_j - max x); out (n), x (n)
void log_softmax(float *out, const float *x, int n);

// Norms of each row; y and x (n_rows, n) may be the same; weight, bias (n).
// LayerNorm (Ba et al. 2016): weight * (x - mean) / sqrt(variance + epsilon) + bias
void layer_norm(float *y, const float *x, const float *weight, const float *bias, float epsilon, int n_rows,
                int n);
// RMSNorm (Zhang and Sennrich 2019): weight * x / sqrt(mean of x^2 + epsilon)
void rms_norm(float *y, const float *x, const float *weight, float epsilon, int n_rows, int n);

// The formulas are in elementary.h.
typedef enum {
    RELU,
    RELU_SQUARED,
    RELU6,
    LEAKY_RELU,
    SILU,
    HARD_SWISH,
    MISH,
    SQRT_SOFTPLUS,
    GELU,
    GELU_10,
    GELU_NEW,
    QUICK_GELU,
    LAPLACE,
    SIGMOID,
    TANH,
    LINEAR,
    N_ACTIVATIONS
} Activation;
void activate(float *x, size_t n, Activation activation); // in place

int argmax(const float *x, int n); // from stage 02: index of the largest element, the lowest among equals

#endif
