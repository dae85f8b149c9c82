// SPDX-License-Identifier: MIT
// tensor.c -- operations on rows, and the packing of matrices.
//
// A sum over a row is 16 sums, one per lane: lane j adds the elements j, j + 16, j + 32, ...; at the end the
// lanes are added pairwise. The number 16 belongs to this file, not to the CPU: four SSE registers, two of
// AVX or one of AVX-512 give the same bits.
// So a row consists of whole vectors of 16 elements and a tail. The tail is copied and filled up to 16 with a
// neutral value (-INFINITY for a softmax, 0 for a sum), so that the same loop processes it.
//
// Matrix products are only divided among threads here; the kernels are in textbook.c and packed.c.
#include "tensor/loops.h"
#include "tensor/tensor.h"
#include <assert.h>
#include <float.h>
#include <string.h>

enum { LANES = 16 };

Matrix matrix_new(Arena *arena, int n_in, int n_out, int panel_width)
{
    assert(n_in > 0 && n_out > 0 && (panel_width == 1 || (panel_width % 16 == 0 && panel_width <= 64)));
    Matrix matrix = {n_in, n_out, panel_width, NULL};
    matrix.values = arena_floats(arena, matrix_floats(&matrix), 1);
    return matrix;
}

int matrix_panels(const Matrix *w) { return (w->n_out + w->panel_width - 1) / w->panel_width; }

size_t matrix_floats(const Matrix *w) { return (size_t)matrix_panels(w) * w->panel_width * w->n_in; }

int matrix_panel_rows(const Matrix *w, int panel)
{
    const int rest = w->n_out - panel * w->panel_width;
    return rest < w->panel_width ? rest : w->panel_width;
}

// The weight from input k to output o.
static float *weight_at(const Matrix *w, int o, int k)
{
    return w->values + ((size_t)(o / w->panel_width) * w->n_in + k) * w->panel_width + o % w->panel_width;
}

// A few inputs of all rows at a time: what is read is a cache line per row, what is written fits the cache.
void matrix_set_panel(Matrix *w, int panel, const float *rows)
{
    enum { INPUTS = 16 };
    const int n = matrix_panel_rows(w, panel), n_in = w->n_in, width = w->panel_width;
    float *p = weight_at(w, panel * width, 0);
    if (n < width) memset(p, 0, sizeof *p * width * n_in);
    for (int k = 0; k < n_in; k += INPUTS, p += INPUTS * width)
        for (int j = 0; j < n; j++)
            for (int i = 0; i < INPUTS && k + i < n_in; i++)
                p[i * width + j] = rows[(size_t)j * n_in + k + i];
}

void matrix_set_column(Matrix *w, int input, const float *column)
{
    for (int panel = 0; panel < matrix_panels(w); panel++, column += w->panel_width) {
        float *p = weight_at(w, panel * w->panel_width, input);
        const int n = matrix_panel_rows(w, panel);
        memcpy(p, column, sizeof *p * n);
        memset(p + n, 0, sizeof *p * (w->panel_width - n));
    }
}

void matrix_row(float *row, const Matrix *w, int output)
{
    const float *p = weight_at(w, output, 0);
    for (int k = 0; k < w->n_in; k++) row[k] = p[(size_t)k * w->panel_width];
}

// The arguments of a matrix product, for its parts.
typedef struct {
    float *y;
    const float *x, *bias;
    const Matrix *w;
    int n_rows;
} Product;

static void some_panels(void *context, int part, int first, int last)
{
    (void)part;
    const Product *p = context;
    matmul_packed(p->y, p->x, p->w, p->bias, p->n_rows, first, last);
}

void matmul(float *y, const float *x, const Matrix *w, const float *bias, int n_rows, Workers *workers)
{
    // Starting the threads on a loop takes 2 microseconds, as long as this many multiply-adds.
    enum { MIN_PARALLEL = 1 << 18 };
    if ((double)n_rows * w->n_in * w->n_out < MIN_PARALLEL) workers = NULL;
    if (w->panel_width == 1) matmul_textbook(y, x, w, bias, n_rows);
    else workers_run(workers, matrix_panels(w), some_panels, &(Product){y, x, bias, w, n_rows});
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

// The number of elements in whole vectors.
static int whole_vectors(int n) { return n - n % LANES; }

// tail (LANES): the elements after the last whole vector, then `fill`.
static void load_tail(float *restrict tail, const float *restrict row, int n, float fill)
{
    const int rest = n % LANES;
    row += n - rest;
    for (int j = 0; j < LANES; j++) tail[j] = fill;
    for (int j = 0; j < rest; j++) tail[j] = row[j];
}

static void store_tail(float *restrict row, const float *restrict tail, int n)
{
    const int rest = n % LANES;
    row += n - rest;
    for (int j = 0; j < rest; j++) row[j] = tail[j];
}

// Pairwise, in an order that halves a vector each time.
static float sum_of_lanes(float lane[LANES])
{
    for (int j = 0; j < 8; j++) lane[j] += lane[j + 8];
    for (int j = 0; j < 4; j++) lane[j] += lane[j + 4];
    return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

static float larger(float a, float b) { return a > b ? a : b; }

static float max_of_lanes(float lane[LANES])
{
    for (int j = 0; j < 8; j++) lane[j] = larger(lane[j], lane[j + 8]);
    for (int j = 0; j < 4; j++) lane[j] = larger(lane[j], lane[j + 4]);
    return larger(larger(lane[0], lane[2]), larger(lane[1], lane[3]));
}

// The operations on one vector of a row or on its tail; each lane by itself. (gcc would make 16 sums of these
// lanes that are added one by one.)
static void max_vector(float *restrict max, const float *restrict x)
{
    VECTOR for (int j = 0; j < LANES; j++) max[j] = larger(x[j], max[j]);
}

static void sum_vector(float *restrict sum, const float *restrict x)
{
    VECTOR for (int j = 0; j < LANES; j++) sum[j] += x[j];
}

static void square_vector(float *restrict sum, const float *restrict x, float centre)
{
    VECTOR for (int j = 0; j < LANES; j++) sum[j] = MADD(x[j] - centre, x[j] - centre, sum[j]);
}

static void exp_vector(float *out, float *restrict sum, const float *x, float max) // out may be x
{
    for (int j = 0; j < LANES; j++) {
        const float term = exp_f32(x[j] - max);
        out[j] = term;
        sum[j] += term;
    }
}

// tail: of x, filled with -INFINITY.
static float max_of_row(const float *x, const float *tail, int n)
{
    float max[LANES];
    for (int j = 0; j < LANES; j++) max[j] = -FLT_MAX;
    for (int i = 0; i < whole_vectors(n); i += LANES) max_vector(max, x + i);
    if (n % LANES) max_vector(max, tail);
    return max_of_lanes(max);
}

// Subtracting the maximum keeps exp() from overflowing and does not change the quotient.
static void softmax_row(float *restrict x, float *restrict tail, int n)
{
    const float max = max_of_row(x, tail, n);
    float sum[LANES] = {0};
    for (int i = 0; i < whole_vectors(n); i += LANES) exp_vector(x + i, sum, x + i, max);
    if (n % LANES) exp_vector(tail, sum, tail, max);
    const float factor = 1.0f / sum_of_lanes(sum);
    scale(x, factor, whole_vectors(n));
    scale(tail, factor, LANES);
}

// Several rows at a time, to avoid a stall in store forwarding: a tail is stored float by float, and loading
// it as a vector right afterwards would wait until these stores have reached the cache. By the time that the
// last tail is stored, the first can be loaded.
void softmax(float *x, int n_rows, int n)
{
    enum { ROWS = 8 };
    float tail[ROWS][LANES];
    for (int row = 0; row < n_rows; row += ROWS, x += (size_t)ROWS * n) {
        const int rows = n_rows - row < ROWS ? n_rows - row : ROWS;
        for (int r = 0; r < rows; r++) load_tail(tail[r], x + (size_t)r * n, n, -INFINITY);
        for (int r = 0; r < rows; r++) softmax_row(x + (size_t)r * n, tail[r], n);
        for (int r = 0; r < rows; r++) store_tail(x + (size_t)r * n, tail[r], n);
    }
}

// The exponentials are needed only for their sum. The logarithm is taken of the sum, not of p, so the result
// is accurate even where p itself underflows to 0.
void log_softmax(float *out, const float *x, int n)
{
    float tail[LANES], sum[LANES] = {0}, unused[LANES];
    load_tail(tail, x, n, -INFINITY);
    const float max = max_of_row(x, tail, n);
    for (int i = 0; i < whole_vectors(n); i += LANES) exp_vector(unused, sum, x + i, max);
    if (n % LANES) exp_vector(unused, sum, tail, max);
    const float log_sum = log_f32(sum_of_lanes(sum));
    for (int i = 0; i < n; i++) out[i] = x[i] - max - log_sum;
}

static float mean_of_row(const float *x, int n)
{
    float sum[LANES] = {0}, tail[LANES];
    for (int i = 0; i < whole_vectors(n); i += LANES) sum_vector(sum, x + i);
    load_tail(tail, x, n, 0);
    if (n % LANES) sum_vector(sum, tail);
    return sum_of_lanes(sum) / (float)n;
}

// Mean of (x_i - centre)^2: the variance for centre = mean, the mean square for centre = 0.
static float mean_square(const float *x, float centre, int n)
{
    float sum[LANES] = {0}, tail[LANES];
    for (int i = 0; i < whole_vectors(n); i += LANES) square_vector(sum, x + i, centre);
    load_tail(tail, x, n, centre);
    if (n % LANES) square_vector(sum, tail, centre);
    return sum_of_lanes(sum) / (float)n;
}

// Several rows at a time: a row is a chain of steps that wait for each other (sum, mean, squares, root), and
// the chains of several rows overlap.
void layer_norm(float *y, const float *x, const float *weight, const float *bias, float epsilon, int n_rows,
                int n)
{
    enum { ROWS = 8 };
    float mean[ROWS], factor[ROWS];
    for (int row = 0; row < n_rows; row += ROWS) {
        const int rows = n_rows - row < ROWS ? n_rows - row : ROWS;
        for (int r = 0; r < rows; r++) mean[r] = mean_of_row(x + (size_t)r * n, n);
        for (int r = 0; r < rows; r++)
            factor[r] = 1.0f / sqrtf(mean_square(x + (size_t)r * n, mean[r], n) + epsilon);
        for (int r = 0; r < rows; r++, x += n, y += n)
            VECTOR for (int i = 0; i < n; i++) y[i] = MADD((x[i] - mean[r]) * factor[r], weight[i], bias[i]);
    }
}

void rms_norm(float *y, const float *x, const float *weight, float epsilon, int n_rows, int n)
{
    for (int row = 0; row < n_rows; row++, x += n, y += n) {
        float factor = 1.0f / sqrtf(mean_square(x, 0, n) + epsilon);
        VECTOR for (int i = 0; i < n; i++) y[i] = x[i] * factor * weight[i];
    }
}

void activate(float *x, size_t n, Activation activation)
{
#define EACH(kind, function)                                                                                 \
    case kind:                                                                                               \
        for (size_t i = 0; i < n; i++) x[i] = function(x[i]);                                                \
        break;
    switch (activation) { // a loop per function, so that each loop vectorises
        EACH(RELU, relu)
        EACH(RELU_SQUARED, relu_squared)
        EACH(RELU6, relu6)
        EACH(LEAKY_RELU, leaky_relu)
        EACH(SILU, silu)
        EACH(HARD_SWISH, hard_swish)
        EACH(MISH, mish)
        EACH(SQRT_SOFTPLUS, sqrt_softplus)
        EACH(GELU, gelu)
        EACH(GELU_10, gelu_10)
        EACH(GELU_NEW, gelu_new)
        EACH(QUICK_GELU, quick_gelu)
        EACH(LAPLACE, laplace)
        EACH(SIGMOID, sigmoid_f32)
        EACH(TANH, tanh_f32)
    case LINEAR:
    case N_ACTIVATIONS: break;
    }
}

int argmax(const float *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}
