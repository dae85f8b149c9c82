// SPDX-License-Identifier: MIT
// bench_results.h -- measured numbers, one per round, and the table of their medians.
//
// Why medians of several rounds: other programs, and other users of the machine, take away time at moments
// that nobody can foresee. They spoil one round, and the median does not notice it. The machine also changes
// over minutes, so a ratio is taken within a round, of things measured one after the other, and then the
// median of the ratios.
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H
#include "tensor/memory.h"

typedef struct {
    const char *section, *model, *name, *metric, *unit;
    int n;
    double *values; // (n_values) one per round in which this was measured
    int n_values, capacity;
} Cell;

typedef struct {
    const char *section, *model; // of what is added now
    Cell *cells;                 // in the order in which they first appeared
    int n_cells, capacity;
} Results;

// The names must live as long as the results.
void results_begin(Results *results, const char *section, const char *model);
void results_add(Results *results, const char *name, int n, const char *metric, double value,
                 const char *unit);
// Section by section a header and a line per cell: the names, n, median, unit, least, most, number of rounds.
void results_print(const Results *results);
void results_free(Results *results);

double median(double *values, int n); // sorts them

#endif
