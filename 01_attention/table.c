// SPDX-License-Identifier: MIT
// table.c -- attention weights as a table that a person can read.
#include "table.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

// Called once per query with its weights (H, n_keys).
static void collect(void *user, const char *name, int layer, int n_heads, int n_keys, const float *values)
{
    Table *t = user;
    if (strcmp(name, t->name) || layer != t->layer) return;
    float *row = t->weights + (size_t)t->n_rows++ * t->most_columns;
    assert(n_keys <= t->most_columns);
    for (int k = 0; k < t->most_columns; k++) row[k] = k < n_keys ? 0 : -1;
    for (int h = 0; h < n_heads; h++)
        for (int k = 0; k < n_keys; k++)
            if (t->head < 0) row[k] += values[(size_t)h * n_keys + k] / (float)n_heads;
            else if (t->head == h) row[k] = values[(size_t)h * n_keys + k];
}

void table_watch(Table *t, State *state, const char *name, int layer, int head, int n_rows, int n_columns)
{
    *t = (Table){.name = name, .layer = layer, .head = head, .most_columns = n_columns};
    t->weights = arena_floats(&t->memory, n_rows, n_columns);
    state->trace = collect;
    state->trace_user = t;
}

void table_print(const Table *t, int first_row, const char *const *row_labels, int n_columns,
                 const char *const *column_labels)
{
    for (int k = 0; k < n_columns; k++) printf("\t%s", column_labels[k]);
    for (int i = first_row; i < t->n_rows; i++) {
        printf("\n%s", row_labels[i - first_row]);
        for (int k = 0; k < n_columns; k++) {
            float weight = t->weights[(size_t)i * t->most_columns + k];
            if (weight < 0) printf("\t");
            else printf("\t%.2f", (double)weight);
        }
    }
    printf("\n");
}

void table_free(Table *t) { arena_free(&t->memory); }
