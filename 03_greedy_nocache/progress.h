// SPDX-License-Identifier: MIT
// progress.h -- a line on the terminal that says how many texts are done: "120 of 400 texts, 85 per second".
//
// It is the last line of stderr, overwritten a few times per second. Whoever prints another line hides it.
#ifndef PROGRESS_H
#define PROGRESS_H
#include <stdbool.h>

typedef struct {
    bool is_wanted, is_shown;
    long n_texts; // how many there will be; 0: not known
    double start; // when the first text began,
    double next;  // and when the line may change again
} Progress;

Progress progress_new(long n_texts); // wanted
void progress_show(Progress *progress, long n_done);
void progress_hide(Progress *progress);

#endif
