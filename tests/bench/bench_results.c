// SPDX-License-Identifier: MIT
// bench_results.c -- a list of cells; to find one is to walk through it, as there are only hundreds.
#include "bench_results.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void results_begin(Results *results, const char *section, const char *model)
{
    results->section = section;
    results->model = model;
}

static bool is_cell(const Results *r, const Cell *cell, const char *name, int n, const char *metric)
{
    return cell->n == n && !strcmp(cell->section, r->section) && !strcmp(cell->model, r->model) &&
           !strcmp(cell->name, name) && !strcmp(cell->metric, metric);
}

static Cell *find_cell(Results *r, const char *name, int n, const char *metric, const char *unit)
{
    for (int i = 0; i < r->n_cells; i++)
        if (is_cell(r, &r->cells[i], name, n, metric)) return &r->cells[i];
    if (r->n_cells == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 256;
        r->cells = memory_resize(r->cells, r->capacity, sizeof *r->cells);
    }
    Cell *cell = &r->cells[r->n_cells++];
    *cell = (Cell){
        .section = r->section, .model = r->model, .name = name, .metric = metric, .unit = unit, .n = n};
    return cell;
}

void results_add(Results *results, const char *name, int n, const char *metric, double value,
                 const char *unit)
{
    Cell *cell = find_cell(results, name, n, metric, unit);
    if (cell->n_values == cell->capacity) {
        cell->capacity = cell->capacity ? 2 * cell->capacity : 8;
        cell->values = memory_resize(cell->values, cell->capacity, sizeof *cell->values);
    }
    cell->values[cell->n_values++] = value;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *values, int n)
{
    qsort(values, n, sizeof *values, by_size);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static void print_value(const Cell *cell, double value)
{
    printf(strcmp(cell->unit, "bytes") ? "\t%.4g" : "\t%.0f", value);
}

static void print_cell(const Cell *cell)
{
    printf("%s\t%s\t%s\t%d\t%s", cell->section, cell->model, cell->name, cell->n, cell->metric);
    print_value(cell, median(cell->values, cell->n_values));
    printf("\t%s", cell->unit);
    print_value(cell, cell->values[0]);
    print_value(cell, cell->values[cell->n_values - 1]);
    printf("\t%d\n", cell->n_values);
}

void results_print(const Results *results)
{
    const char *section = "";
    for (int i = 0; i < results->n_cells; i++) {
        if (strcmp(section, results->cells[i].section))
            printf("section\tmodel\tcase\tn\tmetric\tmedian\tunit\tleast\tmost\trounds\n");
        section = results->cells[i].section;
        print_cell(&results->cells[i]);
    }
}

void results_free(Results *results)
{
    for (int i = 0; i < results->n_cells; i++) memory_resize(results->cells[i].values, 0, 0);
    results->cells = memory_resize(results->cells, 0, 0);
}
