// SPDX-License-Identifier: MIT
// workers.c -- the team of threads.
#include "workers.h"
#include <stddef.h>

Workers *workers_new(int n_threads)
{
    (void)n_threads;
    return NULL;
}
void workers_free(Workers *workers) { (void)workers; }
int workers_count(const Workers *workers)
{
    (void)workers;
    return 1;
}
void workers_run(Workers *workers, int n_items, Task *task, void *context)
{
    (void)workers;
    task(context, 0, n_items);
}
