// SPDX-License-Identifier: MIT
// tensor.h -- matrices of weights, and operations on rows of activations.
//
// The dimension alphabet of the whole project:
//   T target length   S source length   D model width     H heads   Dh width of a head
//   F feed-forward    V vocabulary      L layers          B batch or beams
// A comment (T, D) behind a pointer reads "T rows of D floats, row after row".
// Functions take outputs first, then inputs, then sizes; they never write their inputs.
//
// The promise that everything rests on: every element of every result is one sum in one fixed order. It does
// not depend on how many rows are computed together, on the panel width, or on the number of threads.
#ifndef TENSOR_H
#define TENSOR_H
#include "tensor/elementary.h"
#include "tensor/memory.h"
#include "tensor/workers.h"

// The panel width that suits the target: with AVX-512 two registers of 16, else two of 8 or four of 4.
#ifdef __AVX512F__
enum { PANEL_WIDTH = 32 };
#else
enum { PANEL_WIDTH = 16 };
#endif

// A matrix of weights, W (n_out, n_in). It is stored in panels of `width` outputs each, such that the weights
// which a vector instruction needs lie side by side:
//   values (ceil(n_out / width), n_in, width)      outputs past n_out are 0
// Width 1 is the plain matrix (n_out, n_in), row after row.
typedef struct {
    int n_in, n_out, width;
    float *values;
} Matrix;

// Pack w, where w[o * out_stride + k * in_stride] is the weight from input k to output o.
// width: 1, or a multiple of 16 up to 64.
Matrix matrix_pack(Arena *arena, const float *w, int n_in, int n_out, size_t in_stride, size_t out_stride,
                   int width);
size_t matrix_floats(const Matrix *w); // floats stored, padding included

// y = x W^T + bias for each of n_rows rows: y (n_rows, n_out), x (n_rows, n_in), bias (n_out) or NULL for 0.
// y_o = (((bias_o + x_0 w_o0) + x_1 w_o1) + ...), each step one MADD.
void matmul(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, Workers *workers);

// The two ways to compute it, equal in every bit: the triple loop of the definition (width 1), and the tiles of
// packed.c for the panels first..last-1 (other widths).
void matmul_textbook(float *y, const float *x, const Matrix *w, const float *bias, int n_rows);
void matmul_packed(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, int first,
                   int last);

void add(float *x, const float *y, size_t n);      // x += y
void multiply(float *x, const float *y, size_t n); // x *= y, element by element
void scale(float *x, float factor, size_t n);      // x *= factor

// Softmax of each row, in place: x (n_rows, n). Rows of n = 0 are left alone.
//   p_i = exp(x_i - max x) / sum_j exp(x_j - max x)
void softmax(float *x, int n_rows, int n);
// log p_i of the same: x_i - max x - log sum_j exp(x_j - max x); out (n), x (n)
void log_softmax(float *out, const float *x, int n);

// LayerNorm (Ba et al. 2016): weight * (x - mean) / sqrt(variance + epsilon) + bias; y, x (n_rows, n).
void layer_norm(float *y, const float *x, const float *weight, const float *bias, float epsilon, int n_rows,
                int n);
// RMSNorm (Zhang and Sennrich 2019): weight * x / sqrt(mean of x^2 + epsilon).
void rms_norm(float *y, const float *x, const float *weight, float epsilon, int n_rows, int n);

typedef enum { RELU, SILU, GELU, GELU_NEW } Activation;   // elementary.h
void activate(float *x, size_t n, Activation activation); // in place

int argmax(const float *x, int n); // index of the largest; the lowest index among equals

#endif
