// SPDX-License-Identifier: MIT
// tsv.h -- a file of lines whose fields are separated by TABs, read as a whole.
#ifndef TSV_H
#define TSV_H
#include "model/error.h"
#include "tensor/memory.h"
#include <stdio.h>

typedef struct {
    int number;    // in the file, from 1
    int n_fields;  // at least 1
    char **fields; // (n_fields)
} TsvLine;

typedef struct {
    TsvLine *lines; // (n)
    int n;
    Arena memory; // of everything above
} Tsv;

// Read the rest of a file, called `name` in messages. A line may end in CR LF; a zero byte is an error.
bool tsv_read(Tsv *tsv, FILE *file, const char *name, Error *error);
bool tsv_read_path(Tsv *tsv, const char *path, Error *error);
void tsv_free(Tsv *tsv);

#endif
