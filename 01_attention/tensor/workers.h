// SPDX-License-Identifier: MIT
// workers.h -- a fixed team of threads that share out loops whose rounds are independent.
//
// Work is split over outputs, heads or rows, never inside a sum, so the result has the same bits for any number
// of threads. Threads come from libc (POSIX threads); where they are missing, or for a NULL team, the caller
// does all the work itself.
#ifndef WORKERS_H
#define WORKERS_H

typedef struct Workers Workers;
typedef void Task(void *context, int first, int last); // do the rounds first .. last-1

Workers *workers_new(int n_threads); // the caller is one of them; NULL for n_threads 1 or without threads
void workers_free(Workers *workers); // NULL is fine
int workers_count(const Workers *workers); // 1 for NULL

// Run rounds 0 .. n_items-1 of task, in n_threads contiguous shares; returns when all are done.
void workers_run(Workers *workers, int n_items, Task *task, void *context);

#endif
