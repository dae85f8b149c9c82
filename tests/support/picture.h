// SPDX-License-Identifier: MIT
// picture.h -- a program that draws one of several pictures from records: PROGRAM PICTURE RECORD... > SVG
#ifndef PICTURE_H
#define PICTURE_H
#include "cli.h"
#include "record.h"

enum { MAX_RECORDS = 2 };

typedef struct {
    Record records[MAX_RECORDS];
    const char *model; // a word behind the records, NULL if there is none
} Sources;

typedef struct {
    const char *name; // NULL ends a table
    int n_records;
    bool of_a_model;                              // may be given a model
    bool (*draw)(Sources *sources, Error *error); // prints an SVG, or fails before it prints anything
} Picture;

int picture_main(const Command *command, const Picture *pictures, int argc, char **argv);

#endif
