// SPDX-License-Identifier: MIT
// table.h -- attention weights as a table that a person can read.
//
// A Table watches one attention of one layer through the trace callback, keeps one row of weights per query (a
// head's, or the mean over heads), and prints them with the names of their tokens.
#ifndef TABLE_H
#define TABLE_H
#include "passes.h"

typedef struct {
    const char *name; // which attention: "encoder.self_attention", ...
    int layer, head;  // head -1: the mean over all
    int n_rows, most_columns;
    float *weights; // (n_rows, most_columns); -1: this query cannot see this key
    Arena memory;
} Table;

// A table for at most n_rows queries over n_columns keys; the state reports to it until its trace is changed.
void table_watch(Table *table, State *state, const char *name, int layer, int head, int n_rows,
                 int n_columns);
// First line: an empty cell, then the column labels. Then for each row from first_row its label and its weights with
// 2 decimals; cells are separated by TABs, and empty where the query cannot see the key.
void table_print(const Table *table, int first_row, const char *const *row_labels, int n_columns,
                 const char *const *column_labels);
void table_free(Table *table);

#endif
