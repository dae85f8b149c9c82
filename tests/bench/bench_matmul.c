// SPDX-License-Identifier: MIT
// bench_matmul.c -- one product of M rows with a matrix of weights: of a large model, and of data/marian.
//
//   hot    the same weights again and again: they stay in the cache next to the arithmetic units
//   cold   always other weights, all over a large memory: as in a decoding step, which needs each weight once
//
// The limit of M rows is the peak or, where the weights come from memory, 2 M operations for each weight of 4
// bytes that is read.
#include "bench.h"

enum { MAX_ROWS = 128, MAX_COUNTS = 9, REFERENCE = 48 };

typedef struct {
    const char *name;
    int n_in, n_out, panel_width;
    bool cold;
} Product;

typedef struct {
    Matrix weights;
    float *y, *x, *first, *last; // the matrix lies at addresses from first to last
    size_t step;                 // from one of them to the next; 0: always the same
    int n_rows;
    Workers *workers;
} Multiplication;

static void multiply_once(void *context)
{
    Multiplication *m = context;
    matmul(m->y, m->x, &m->weights, NULL, m->n_rows, m->workers);
    m->weights.values += m->step;
    if (m->weights.values > m->last) m->weights.values = m->first;
}

static Multiplication multiplication(const Bench *bench, Arena *arena, const Product *p)
{
    Multiplication m = {.weights = {p->n_in, p->n_out, p->panel_width, bench->buffer.values},
                        .workers = bench->workers};
    const size_t size = matrix_floats(&m.weights);
    m.first = bench->buffer.values;
    m.last = m.first + bench->buffer.n - size;
    m.step = p->cold ? size : 0;
    m.x = arena_floats(arena, MAX_ROWS, p->n_in);
    m.y = arena_floats(arena, MAX_ROWS, p->n_out);
    for (int i = 0; i < MAX_ROWS * p->n_in; i++) m.x[i] = bench->buffer.values[i];
    return m;
}

static double smaller(double a, double b) { return a < b ? a : b; }

// GFLOP/s that M rows could reach at most, measured just before they are.
static double limit_of(const Bench *bench, const Product *p, int M)
{
    const double peak = limit_of_arithmetic(bench->workers, bench->min_seconds);
    if (!p->cold) return peak;
    return smaller(peak, limit_of_reading(&bench->buffer, bench->workers, 8, bench->min_seconds) * M / 2);
}

// row_counts (n): the values of M.
static void measure(Bench *bench, const Product *p, const int *row_counts, int n)
{
    const double weights = (double)p->n_in * p->n_out;
    double rates[MAX_COUNTS], limits[MAX_COUNTS], reference = 0; // GFLOP/s
    Arena arena = {0};
    Multiplication m = multiplication(bench, &arena, p);
    for (int i = 0; i < n; i++) {
        m.n_rows = row_counts[i];
        limits[i] = limit_of(bench, p, m.n_rows);
        rates[i] = 2 * m.n_rows * weights / time_call(multiply_once, &m, bench->min_seconds) * 1e-9;
        if (m.n_rows == REFERENCE) reference = rates[i];
    }
    for (int i = 0; i < n; i++) {
        const int M = row_counts[i];
        results_add(&bench->results, p->name, M, "arithmetic", rates[i], "GFLOP/s");
        results_add(&bench->results, p->name, M, "share of limit", rates[i] / limits[i], "ratio");
        if (p->cold) results_add(&bench->results, p->name, M, "weights", rates[i] * 2 / M, "GB/s");
        else if (reference > 0)
            results_add(&bench->results, p->name, M, "of M = 48", rates[i] / reference, "ratio");
    }
    arena_free(&arena);
}

void bench_matmul(Bench *bench, Subject *none)
{
    static const int row_counts[] = {1, 2, 3, 4, 5, 7, 12, REFERENCE, MAX_ROWS};
    static const Product products[] = {
        {"512 -> 512 hot", 512, 512, PANEL_WIDTH, false},
        {"512 -> 2048 cold", 512, 2048, PANEL_WIDTH, true},
        {"2048 -> 512 cold", 2048, 512, PANEL_WIDTH, true},
        {"512 -> 512 hot, textbook", 512, 512, 1, false},
    };
    (void)none;
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        if (products[i].panel_width == 1 && !slow_round(bench)) continue;
        results_begin(&bench->results, "matmul", "-");
        measure(bench, &products[i], row_counts, sizeof row_counts / sizeof *row_counts);
    }
}

// The products of data/marian. Its 102 tokens do not fill the last panel.
void bench_small(Bench *bench, Subject *none)
{
    static const int row_counts[] = {16, 32, 64};
    static const Product products[] = {
        {"128 -> 128 hot", 128, 128, PANEL_WIDTH, false},
        {"128 -> 512 hot", 128, 512, PANEL_WIDTH, false},
        {"512 -> 128 hot", 512, 128, PANEL_WIDTH, false},
        {"128 -> 102 hot", 128, 102, PANEL_WIDTH, false},
    };
    (void)none;
    results_begin(&bench->results, "small", "-");
    for (size_t i = 0; i < sizeof products / sizeof *products; i++)
        measure(bench, &products[i], row_counts, sizeof row_counts / sizeof *row_counts);
}
