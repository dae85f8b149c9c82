// SPDX-License-Identifier: MIT
// times.h -- the clock, and where the time of a thread goes.
#ifndef TIMES_H
#define TIMES_H

double seconds_now(void);

typedef struct {
    double last;             // until when it is known
    double source, decoding; // seconds: sources and prompts are read; one row per token is computed
} Times;

void times_skip(Times *times); // what has passed since `last` was something else
void times_add_source(Times *times);
// A step with so many rows, of which n_prompt are of prompts and give no token: it is divided by rows.
// Returns the seconds of the whole step.
double times_add_step(Times *times, int n_prompt, int n_rows);

#endif
