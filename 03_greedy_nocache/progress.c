// SPDX-License-Identifier: MIT
// progress.c -- see progress.h.
#include "progress.h"
#include "times.h"
#include <stdio.h>

#define INTERVAL 0.2 // seconds

Progress progress_new(long n_texts)
{
    const double now = seconds_now();
    return (Progress){.is_wanted = true, .n_texts = n_texts, .start = now, .next = now + INTERVAL};
}

void progress_show(Progress *p, long n_done)
{
    const double now = seconds_now(), rate = (double)n_done / (now - p->start);
    if (!p->is_wanted || now < p->next) return;
    progress_hide(p);
    fprintf(stderr, "%ld ", n_done);
    if (p->n_texts >= n_done) fprintf(stderr, "of %ld ", p->n_texts); // (a file may grow)
    fprintf(stderr, "texts, %.*f per second", rate < 10 ? 1 : 0, rate);
    p->is_shown = true;
    p->next = now + INTERVAL;
}

void progress_hide(Progress *p)
{
    if (!p->is_shown) return;
    fprintf(stderr, "\r\033[K");
    p->is_shown = false;
    p->next = 0; // it comes back with the next text
}
