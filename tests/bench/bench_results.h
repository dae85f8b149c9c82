// SPDX-License-Identifier: MIT
// bench_results.h -- measured numbers, one per round, and the table of their medians.
//
// Why medians of several rounds: other programs, and other tenants of the machine, take away time in moments that nobody
// can foresee. What they spoil is one round; the median does not notice it. And as the machine also changes over
// minutes, a ratio is taken within a round, of things measured next to each other, and only then its median.
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H
#include "tensor/memory.h"

typedef struct {
    const char *section, *model, *name, *metric, *unit;
    int n;
    double *values; // (n_values) one per round in which this was measured
    int n_values, room;
} Cell;

typedef struct {
    const char *section, *model; // where what is added now belongs
    Cell *cells;                 // in the order in which they first appeared
    int n_cells, room;
} Results;

// The names must live as long as the results.
void results_begin(Results *results, const char *section, const char *model);
void results_add(Results *results, const char *name, int n, const char *metric, double value,
                 const char *unit);
// One line per cell: section, model, case, n, metric, median, unit, least, most, rounds. Each section has a header line.
void results_print(const Results *results);
void results_free(Results *results);

double median(double *values, int n); // sorts them

#endif
