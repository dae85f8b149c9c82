// SPDX-License-Identifier: MIT
// times.c -- each piece of time begins where the one before has ended.
#include "times.h"
#include <time.h>

double seconds_now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double since_last(Times *t)
{
    const double last = t->last;
    return (t->last = seconds_now()) - last;
}

void times_skip(Times *t) { since_last(t); }
void times_add_source(Times *t) { t->source += since_last(t); }

double times_add_step(Times *t, int n_prompt, int n_rows)
{
    const double seconds = since_last(t), of_prompts = seconds * n_prompt / n_rows;
    t->source += of_prompts;
    t->decoding += seconds - of_prompts;
    return seconds;
}
