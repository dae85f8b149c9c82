// SPDX-License-Identifier: MIT
// tensor.c -- operations on rows, and the packing of matrices.
//
// A sum over a row runs in 16 lanes, lane j adding the elements j, j + 16, j + 32, ...; then the lanes are added
// pairwise. 16 is a property of this file, not of the CPU: four SSE registers, two AVX, one AVX-512 give the
// same bits.
#include "tensor.h"
#include <assert.h>
#include <float.h>
#include <string.h>

enum { LANES = 16 };

Matrix matrix_pack(Arena *arena, const float *w, int n_in, int n_out, size_t in_stride, size_t out_stride,
                   int width)
{
    assert(n_in > 0 && n_out > 0 && (width == 1 || (width % 16 == 0 && width <= 64)));
    Matrix matrix = {n_in, n_out, width, NULL};
    float *p = matrix.values = arena_floats(arena, matrix_floats(&matrix), 1);
    for (int o = 0; o < n_out; o += width)
        for (int k = 0; k < n_in; k++)
            for (int j = 0; j < width; j++)
                *p++ = o + j < n_out ? w[(o + j) * out_stride + k * in_stride] : 0;
    return matrix;
}

static int n_panels(const Matrix *w) { return (w->n_out + w->width - 1) / w->width; }

size_t matrix_floats(const Matrix *w) { return (size_t)n_panels(w) * w->width * w->n_in; }

typedef struct {
    float *y;
    const float *x, *bias;
    const Matrix *w;
    int n_rows;
} Product;

static void some_panels(void *context, int first, int last)
{
    const Product *p = context;
    matmul_packed(p->y, p->x, p->w, p->bias, p->n_rows, first, last);
}

void matmul(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, Workers *workers)
{
    if (w->width == 1) matmul_textbook(y, x, w, bias, n_rows);
    else workers_run(workers, n_panels(w), some_panels, &(Product){y, x, bias, w, n_rows});
}

void add(float *restrict x, const float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) x[i] += y[i];
}

void multiply(float *restrict x, const float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) x[i] *= y[i];
}

void scale(float *x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i++) x[i] *= factor;
}

static float sum_of_lanes(float lane[LANES])
{
    for (int half = LANES / 2; half; half /= 2)
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    return lane[0];
}

// Elements i to i + 15 of the row x of n: in place, or copied and filled up at the end of the row.
static const float *lanes_of(const float *x, int i, int n, float fill, float copy[LANES])
{
    if (i + LANES <= n) return x + i;
    for (int j = 0; j < LANES; j++) copy[j] = i + j < n ? x[i + j] : fill;
    return copy;
}

static void store_lanes(float *x, int i, int n, const float lane[LANES])
{
    memcpy(x + i, lane, (n - i < LANES ? n - i : LANES) * sizeof *x);
}

static float max_of_row(const float *x, int n)
{
    float lane[LANES], copy[LANES];
    for (int j = 0; j < LANES; j++) lane[j] = -FLT_MAX;
    for (int i = 0; i < n; i += LANES) {
        const float *in = lanes_of(x, i, n, -FLT_MAX, copy);
        for (int j = 0; j < LANES; j++) lane[j] = in[j] > lane[j] ? in[j] : lane[j];
    }
    for (int j = 1; j < LANES; j++) lane[0] = lane[j] > lane[0] ? lane[j] : lane[0];
    return lane[0];
}

// sum_i exp(x_i - max); the terms go to out (n) unless it is NULL.
static float sum_of_exp(float *out, const float *x, float max, int n)
{
    float lane[LANES] = {0}, term[LANES], copy[LANES];
    for (int i = 0; i < n; i += LANES) {
        const float *in = lanes_of(x, i, n, -FLT_MAX, copy); // exp_f32(-FLT_MAX - max) is 0
        for (int j = 0; j < LANES; j++) term[j] = exp_f32(in[j] - max);
        for (int j = 0; j < LANES; j++) lane[j] += term[j];
        if (out) store_lanes(out, i, n, term);
    }
    return sum_of_lanes(lane);
}

void softmax(float *x, int n_rows, int n)
{
    for (int row = 0; row < n_rows; row++, x += n) {
        float sum = sum_of_exp(x, x, max_of_row(x, n), n);
        scale(x, 1.0f / sum, n);
    }
}

void log_softmax(float *out, const float *x, int n)
{
    float max = max_of_row(x, n), log_sum = log_f32(sum_of_exp(NULL, x, max, n));
    for (int i = 0; i < n; i++) out[i] = x[i] - max - log_sum;
}

static float mean_of_row(const float *x, int n)
{
    float lane[LANES] = {0}, copy[LANES];
    for (int i = 0; i < n; i += LANES) {
        const float *in = lanes_of(x, i, n, 0, copy);
        for (int j = 0; j < LANES; j++) lane[j] += in[j];
    }
    return sum_of_lanes(lane) / (float)n;
}

// Mean of (x_i - centre)^2: the variance around the mean, the mean square around 0.
static float mean_square(const float *x, float centre, int n)
{
    float lane[LANES] = {0}, copy[LANES];
    for (int i = 0; i < n; i += LANES) {
        const float *in = lanes_of(x, i, n, centre, copy);
        for (int j = 0; j < LANES; j++) lane[j] = MADD(in[j] - centre, in[j] - centre, lane[j]);
    }
    return sum_of_lanes(lane) / (float)n;
}

void layer_norm(float *y, const float *x, const float *weight, const float *bias, float epsilon, int n_rows,
                int n)
{
    for (int row = 0; row < n_rows; row++, x += n, y += n) {
        float mean = mean_of_row(x, n), factor = 1.0f / sqrtf(mean_square(x, mean, n) + epsilon);
        for (int i = 0; i < n; i++) y[i] = MADD((x[i] - mean) * factor, weight[i], bias[i]);
    }
}

void rms_norm(float *y, const float *x, const float *weight, float epsilon, int n_rows, int n)
{
    for (int row = 0; row < n_rows; row++, x += n, y += n) {
        float factor = 1.0f / sqrtf(mean_square(x, 0, n) + epsilon);
        for (int i = 0; i < n; i++) y[i] = x[i] * factor * weight[i];
    }
}

void activate(float *x, size_t n, Activation activation)
{
    switch (activation) { // one loop each, so that each vectorises
    case RELU:
        for (size_t i = 0; i < n; i++) x[i] = relu(x[i]);
        break;
    case SILU:
        for (size_t i = 0; i < n; i++) x[i] = silu(x[i]);
        break;
    case GELU:
        for (size_t i = 0; i < n; i++) x[i] = gelu(x[i]);
        break;
    case GELU_NEW:
        for (size_t i = 0; i < n; i++) x[i] = gelu_new(x[i]);
        break;
    }
}

int argmax(const float *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}
