// SPDX-License-Identifier: MIT
// workers.h -- a fixed team of threads that divide a loop with independent iterations (fork and join).
//
// The work is divided over outputs or rows, never inside a sum, so the result has the same bits for any
// number of threads. A loop is cut into contiguous parts, one per thread; the caller of workers_run()
// computes part 0. Without POSIX threads, or for a NULL team, the caller runs the whole loop.
// An iteration may be as large as a whole batch of texts (from stage 04 on): then the parts have a Lock for
// what they share.
#ifndef WORKERS_H
#define WORKERS_H

typedef struct Workers Workers;
// Run the iterations first .. last-1, which are part number `part` of the loop. Parts run at the same time:
// scratch space of a task is indexed by `part`, from 0 to workers_count() - 1.
typedef void Task(void *context, int part, int first, int last);

// n_threads includes the caller. NULL for n_threads 1 and without threads; fewer if the system refuses some.
Workers *workers_new(int n_threads);
void workers_free(Workers *workers);       // NULL is allowed
int workers_count(const Workers *workers); // threads including the caller; 1 for NULL

// Run the iterations 0 .. n-1 of a task in at most workers_count() parts; returns when all are done.
void workers_run(Workers *workers, int n, Task *task, void *context);

// Between lock_take() and lock_release() there is one thread at most (a mutex). Without POSIX threads there
// is nobody to keep out: NULL, which does nothing.
typedef struct Lock Lock;
Lock *lock_new(void);
void lock_free(Lock *lock);
void lock_take(Lock *lock);
void lock_release(Lock *lock);
void lock_sleep(Lock *lock); // release it, sleep until another thread wakes all (or for no reason), take it
void lock_wake_all(Lock *lock);

#endif
