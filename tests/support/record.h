// SPDX-License-Identifier: MIT
// record.h -- records of what the programs printed (tests/measured/*.txt): a line "# where", and then a line
// "$ command" with its output below it, perhaps several times.
#ifndef RECORD_H
#define RECORD_H
#include "tsv.h"

typedef struct {
    const char *path;
    Tsv lines;
} Record;

bool record_read(Record *record, const char *path, Error *error);
void record_free(Record *record);
const char *record_where(const Record *record); // its first line without "# "

// ---- lines of --steps -------------------------------------------------------------------------------------
// Each function returns false with a message if the record has no such lines.

// Of 03 and 04.
typedef struct {
    int n_rows; // computed
    double ms;
    int n_held, n_bytes; // 04
    const char *token;
} Step;

typedef struct {
    Step *steps; // (n) step i + 1
    int n;
} Steps;

bool record_steps(Steps *steps, Record *record, Error *error);

// Of 05: a running or a finished hypothesis.
enum { FINISHED = -1, MAX_BLOCKS = 8 };
typedef struct {
    int step, beam;                       // beam: FINISHED, or its number
    int parent;                           // the beam of the step before that it continues
    double sum;                           // finished: score
    int n_blocks, references[MAX_BLOCKS]; // blocks of layer 0, and how many hypotheses share each
    const char *tokens, *token;           // all, separated by spaces, and the last
} Hypothesis;

typedef struct {
    Hypothesis *lines; // (n) in the order of the record
    int n;
} Hypotheses;

bool record_hypotheses(Hypotheses *hypotheses, Record *record, Error *error);

#endif
