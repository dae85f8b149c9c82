// SPDX-License-Identifier: MIT
// table.h -- attention probabilities as a readable table.
//
// A Table observes one attention of one layer through the trace callback. It keeps one row of probabilities
// per query (those of one head, or the mean over all heads) and prints them with the tokens as labels.
// Layout of the output: cells separated by TABs, a first line of key tokens, then one line per query.
#ifndef TABLE_H
#define TABLE_H
#include "passes.h"

typedef struct {
    const char *name; // which attention: "encoder.self_attention", ...; its probabilities are kept
    int layer, head;  // head -1: the mean over all
    int n_rows, max_columns;
    float *probabilities; // (n_rows, max_columns); -1: the query does not see this key
    Arena memory;
} Table;

// A table for up to n_rows queries and n_columns keys. It is filled until the state's trace is changed.
void table_watch(Table *table, State *state, const char *name, int layer, int head, int n_rows,
                 int n_columns);
// Print the rows from first_row on (not 0 only in stage 02), row_labels[0] being the label of first_row.
// Probabilities have 2 decimals; a cell is empty where the query does not see the key.
void table_print(const Table *table, int first_row, const char *const *row_labels, int n_columns,
                 const char *const *column_labels);
void table_free(Table *table);

#endif
