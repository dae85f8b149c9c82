// SPDX-License-Identifier: MIT
// Matrices and rows: the fast kernels against the definition, by bits; norms and softmax against doubles.
#include "check.h"
#include "matrix_of.h"
#include "tensor/tensor.h"

enum { MAX_ROWS = 20, MAX_IN = 70, MAX_OUT = 200 };

typedef struct {
    float w[MAX_IN * MAX_OUT], x[MAX_ROWS * MAX_IN], bias[MAX_OUT];
    float y[MAX_ROWS * MAX_OUT + 1], expected[MAX_ROWS * MAX_OUT];
    Arena arena;
} Numbers;

static Numbers *numbers(void)
{
    Numbers *n = memory_resize(NULL, 1, sizeof *n);
    unsigned seed = 1;
    float *all[] = {n->w, n->x, n->bias};
    const size_t sizes[] = {MAX_IN * MAX_OUT, MAX_ROWS * MAX_IN, MAX_OUT};
    for (int i = 0; i < 3; i++)
        for (size_t k = 0; k < sizes[i]; k++) {
            seed = seed * 1664525u + 1013904223u;
            all[i][k] = (float)(seed >> 8) * 0x1p-23f - 1;
        }
    n->arena = (Arena){0};
    return n;
}

static void numbers_free(Numbers *n)
{
    arena_free(&n->arena);
    memory_resize(n, 0, 0);
}

// All panel widths, 1 to 20 rows, with and without bias, 1 to 4 threads: the first rows of `expected`.
static int compare_products(Numbers *n, int n_in, int n_out, Workers *const teams[4])
{
    static const int panel_widths[] = {16, 32, 48, 64};
    const Matrix plain = matrix_of(&n->arena, n->w, n_in, n_out, 1);
    int n_products = 0;
    for (int i = 0; i < 8; i++) {
        const Matrix packed = matrix_of(&n->arena, n->w, n_in, n_out, panel_widths[i / 2]);
        const float *bias = i % 2 ? n->bias : NULL;
        matmul(n->expected, n->x, &plain, bias, MAX_ROWS, NULL);
        for (int rows = 1; rows <= MAX_ROWS; rows++, n_products++) {
            memset(n->y, 0xFF, sizeof n->y);
            matmul(n->y, n->x, &packed, bias, rows, teams[rows % 4]);
            CHECK_BITS(n->y, n->expected, (size_t)rows * n_out, "product");
            CHECK(isnan(n->y[rows * n_out]), "%d -> %d, %d rows: wrote past the end", n_in, n_out, rows);
        }
    }
    arena_reset(&n->arena);
    return n_products;
}

// [KV-60, 61, 62] Odd sizes; every number of outputs up to more than two panels, so every width of the last.
static void packed_equals_textbook(void)
{
    static const int ins[] = {1, 2, 7, 31, 64, 70}, outs[] = {102, 128, 200};
    Numbers *n = numbers();
    Workers *teams[] = {NULL, workers_new(2), workers_new(3), workers_new(4)};
    int n_products = 0;
    for (int in = 0; in < 6; in++) {
        for (int n_out = 1; n_out <= 70; n_out++) n_products += compare_products(n, ins[in], n_out, teams);
        for (int out = 0; out < 3; out++) n_products += compare_products(n, ins[in], outs[out], teams);
    }
    printf("%d products\n", n_products);
    for (int i = 0; i < 4; i++) workers_free(teams[i]);
    numbers_free(n);
}

// By rows or by columns: each weight is in its place, the padding is 0, and rows come out again.
static void rows_and_columns(void)
{
    enum { IN = 35, OUT = 37 };
    static const int panel_widths[] = {1, 16, 32, 48, 64};
    Arena arena = {0};
    float rows[OUT][IN], column[OUT], row[IN];
    for (int o = 0; o < OUT; o++)
        for (int k = 0; k < IN; k++) rows[o][k] = (float)(o * 100 + k);
    for (int i = 0; i < 5; i++) {
        const int width = panel_widths[i], stored = (OUT + width - 1) / width * width;
        const Matrix a = matrix_of(&arena, *rows, IN, OUT, width);
        Matrix b = matrix_new(&arena, IN, OUT, width);
        for (int k = 0; k < IN; k++) {
            for (int o = 0; o < OUT; o++) column[o] = rows[o][k];
            matrix_set_column(&b, k, column);
        }
        CHECK(matrix_floats(&a) == (size_t)stored * IN, "%zu floats", matrix_floats(&a));
        CHECK_BITS(a.values, b.values, matrix_floats(&a), "by rows, by columns");
        for (int o = 0; o < stored; o++)
            for (int k = 0; k < IN; k++) {
                const float value = a.values[(o / width * IN + k) * width + o % width];
                CHECK(value == (o < OUT ? rows[o][k] : 0), "weight %d of output %d is %g", k, o,
                      (double)value);
            }
        for (int o = 0; o < OUT; o++) {
            matrix_row(row, &a, o);
            CHECK_BITS(row, rows[o], IN, "row");
        }
    }
    arena_free(&arena);
}

static void no_rows(void)
{
    Arena arena = {0};
    const float w[6] = {0};
    float y = 7;
    const int panel_widths[] = {1, 16, 48, PANEL_WIDTH};
    for (int i = 0; i < 4; i++) {
        const Matrix matrix = matrix_of(&arena, w, 2, 3, panel_widths[i]);
        matmul(&y, NULL, &matrix, NULL, 0, NULL);
    }
    softmax(&y, 5, 0);
    softmax(&y, 0, 5);
    layer_norm(&y, NULL, NULL, NULL, 1e-5f, 0, 4);
    CHECK(y == 7, "%g", (double)y);
    arena_free(&arena);
}

// [KV-66] Scores of ten thousand do not overflow; a banned token has probability 0.
static void softmax_of_large_scores(void)
{
    float x[] = {1e4f, 1e4f, -1e4f, -INFINITY}, low[] = {-1e4f, -1e4f}, log_p[4];
    log_softmax(log_p, x, 4);
    CHECK(fabsf(log_p[0] + 0.6931472f) < 1e-6f && log_p[3] == -INFINITY, "%g %g", (double)log_p[0],
          (double)log_p[3]);
    softmax(x, 1, 4);
    CHECK(x[0] == 0.5f && x[1] == 0.5f && x[2] == 0 && x[3] == 0,
          "softmax of 1e4, 1e4, -1e4, -inf is %g, %g, %g, %g, expected 0.5, 0.5, 0, 0", (double)x[0],
          (double)x[1], (double)x[2], (double)x[3]);
    softmax(low, 1, 2);
    CHECK(low[0] == 0.5f && low[1] == 0.5f, "softmax of -1e4, -1e4 is %g, %g, expected 0.5, 0.5",
          (double)low[0], (double)low[1]);
}

// A NaN in a row makes all of its results NaN, so a wrong weight or key shows in the output.
static void nan_is_not_lost(void)
{
    for (int n = 1; n <= 40; n++) {
        float x[40], y[40], weight[40] = {0}, bias[40] = {0};
        for (int i = 0; i < n; i++) x[i] = i == n / 2 ? NAN : 1;
        layer_norm(y, x, weight, bias, 1e-5f, 1, n);
        for (int i = 0; i < n; i++) CHECK(isnan(y[i]), "LayerNorm of %d, number %d: %g", n, i, (double)y[i]);
        rms_norm(y, x, weight, 1e-5f, 1, n);
        for (int i = 0; i < n; i++) CHECK(isnan(y[i]), "RMSNorm of %d, number %d: %g", n, i, (double)y[i]);
        log_softmax(y, x, n);
        for (int i = 0; i < n; i++)
            CHECK(isnan(y[i]), "log softmax of %d, number %d: %g", n, i, (double)y[i]);
        softmax(x, 1, n);
        for (int i = 0; i < n; i++) CHECK(isnan(x[i]), "softmax of %d, number %d: %g", n, i, (double)x[i]);
    }
}

// Rows of every length up to 100 against double precision; rows together have the same bits as each alone.
static void rows_against_double(void)
{
    enum { N = 100, ROWS = 11 };
    static const char *const names[] = {"LayerNorm", "RMSNorm", "softmax", "log softmax"};
    static float x[ROWS * N], y[ROWS * N], one[N], weight[N], bias[N];
    double largest = 0;
    for (int i = 0; i < ROWS * N; i++) x[i] = (float)(i * 37 % 211 - 100) * 0.03f;
    for (int i = 0; i < N; i++) weight[i] = 1 + (float)(i % 9) * 0.1f, bias[i] = (float)(i % 5) * 0.2f;
    for (int n = 1; n <= N; n++) {
        for (int kind = 0; kind < 4; kind++) {
            if (kind == 0) layer_norm(y, x, weight, bias, 1e-5f, ROWS, n);
            if (kind == 1) rms_norm(y, x, weight, 1e-6f, ROWS, n);
            if (kind >= 2) memcpy(y, x, sizeof y);
            if (kind == 2) softmax(y, ROWS, n);
            for (int row = 0; row < ROWS; row++) {
                const float *in = x + row * n, *out = y + row * n;
                double mean = 0, square = 0, variance = 0, max = -1e9, sum = 0;
                for (int i = 0; i < n; i++)
                    mean += (double)in[i] / n, square += (double)in[i] * (double)in[i] / n,
                        max = fmax(max, (double)in[i]);
                for (int i = 0; i < n; i++)
                    variance += ((double)in[i] - mean) * ((double)in[i] - mean) / n,
                        sum += exp((double)in[i] - max);
                if (kind == 0) layer_norm(one, in, weight, bias, 1e-5f, 1, n);
                if (kind == 1) rms_norm(one, in, weight, 1e-6f, 1, n);
                if (kind == 2) memcpy(one, in, n * sizeof *one), softmax(one, 1, n);
                if (kind == 3) log_softmax(one, in, n), out = one;
                for (int i = 0; i < n; i++) {
                    const double v = (double)in[i],
                                 expected[] = {(v - mean) / sqrt(variance + 1e-5) * (double)weight[i] +
                                                   (double)bias[i],
                                               v / sqrt(square + 1e-6) * (double)weight[i],
                                               exp(v - max) / sum, v - max - log(sum)};
                    const double difference = fabs((double)out[i] - expected[kind]);
                    CHECK(difference <= 4e-6 * fmax(1, fabs(expected[kind])),
                          "%s of row %d of %d numbers: number %d is %g, expected %g", names[kind], row, n, i,
                          (double)out[i], expected[kind]);
                    largest = fmax(largest, difference);
                }
                CHECK_BITS(out, one, (size_t)n, names[kind]); // the same row alone
            }
        }
    }
    printf("largest difference %.2g\n", largest);
}

// [KV-69] Among equal numbers the lowest index is the argmax. Behind the n numbers stands a larger one.
static void ties_go_to_the_lowest_index(void)
{
    static const struct {
        float x[7];
        int n, expected;
    } rows[] = {
        {{-INFINITY, 1, 3, 3, 2, 3, 9}, 6, 2},
        {{-5, -2, -4, -2, 9}, 4, 1},
        {{1, 2, 3, 9}, 3, 2},
        {{-INFINITY, -INFINITY, 9}, 2, 0},
        {{7, 9}, 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const float *x = rows[i].x;
        const int found = argmax(x, rows[i].n);
        CHECK(found == rows[i].expected, "of the %d numbers %g, %g, %g, ... number %d is the best, found %d",
              rows[i].n, (double)x[0], (double)x[1], (double)x[2], rows[i].expected, found);
    }
}

static void arenas_give_back(void)
{
    Arena arena = {0};
    const ArenaMark empty = arena_mark(&arena);
    char *first = arena_alloc(&arena, 3, 5);
    CHECK((uintptr_t)first % 64 == 0, "aligned to a cache line");
    const ArenaMark mark = arena_mark(&arena);
    float *big = arena_floats(&arena, 1000, 1000);
    memset(big, 0, sizeof(float) * 1000 * 1000);
    const size_t bytes = arena_bytes(&arena);
    arena_release(&arena, mark);
    CHECK(arena_floats(&arena, 1000, 1000) == big, "released memory is used again");
    arena_reset(&arena);
    CHECK(arena_alloc(&arena, 15, 1) == first && arena_bytes(&arena) == bytes,
          "reset memory is used again, none is taken");
    arena_release(&arena, empty);
    CHECK(arena_alloc(&arena, 1, 1) == first, "an empty mark releases everything");
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"packed products have the bits of the triple loop", packed_equals_textbook},
        {"a matrix is packed from rows or columns, and gives its rows back", rows_and_columns},
        {"products, softmax and LayerNorm of no rows write nothing", no_rows},
        {"softmax does not overflow at scores of ten thousand", softmax_of_large_scores},
        {"norms and softmax equal double precision, each row as if alone", rows_against_double},
        {"a NaN in a row is not lost", nan_is_not_lost},
        {"argmax takes the lowest index among equals", ties_go_to_the_lowest_index},
        {"arenas use their memory again", arenas_give_back},
    };
    return RUN_TESTS(tests);
}
