// SPDX-License-Identifier: MIT
// table.c -- attention probabilities as a readable table.
//
// collect() is the trace callback: attention_lookup() calls it once per query, with the probabilities of all
// heads. It copies one head, or adds up the mean, into the next row of the table. A cell of -1 marks a key
// that the query does not see, since no probability is negative.
#include "table.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

// values (H, n_keys): the probabilities of one query. Everything else that is traced is skipped.
static void collect(void *user, const char *name, int layer, int n_heads, int n_keys, const float *values)
{
    Table *t = user;
    const size_t length = strlen(t->name);
    if (strncmp(name, t->name, length) || strcmp(name + length, ".probabilities") || layer != t->layer)
        return;
    float *row = t->probabilities + (size_t)t->n_rows++ * t->max_columns;
    assert(n_keys <= t->max_columns);
    for (int k = 0; k < t->max_columns; k++) row[k] = k < n_keys ? 0 : -1;
    for (int h = 0; h < n_heads; h++)
        for (int k = 0; k < n_keys; k++)
            if (t->head < 0) row[k] += values[(size_t)h * n_keys + k] / (float)n_heads;
            else if (t->head == h) row[k] = values[(size_t)h * n_keys + k];
}

void table_watch(Table *t, State *state, const char *name, int layer, int head, int n_rows, int n_columns)
{
    *t = (Table){.name = name, .layer = layer, .head = head, .max_columns = n_columns};
    t->probabilities = arena_floats(&t->memory, n_rows, n_columns);
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
            float probability = t->probabilities[(size_t)i * t->max_columns + k];
            if (probability < 0) printf("\t");
            else printf("\t%.2f", (double)probability);
        }
    }
    printf("\n");
}

void table_free(Table *t) { arena_free(&t->memory); }
