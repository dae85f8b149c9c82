// SPDX-License-Identifier: MIT
// workers.c -- a team of threads: fork by a counter of rounds, join by a counter of threads still at work.
//
// A round is one loop. The caller writes down the task and increments `round` (announce); each worker sees
// the new number, runs its part and decrements `at_work`; the caller runs part 0 and waits for `at_work` 0.
//
// A forward pass has about a hundred short loops per token, so waking up sleeping threads would cost more
// than the loops. A worker therefore spins on `round` first and sleeps on the condition variable only when
// nothing happens for a while (spin, then park). While spinning it yields now and then, for machines with
// more threads than cores.
#include "tensor/workers.h"
#include "tensor/memory.h"

// The part's iterations of 0 .. n-1; parts differ by at most one iteration.
static void run_part(Task *task, void *context, int n, int part, int n_parts)
{
    const int first = (int)((long long)n * part / n_parts);
    const int last = (int)((long long)n * (part + 1) / n_parts);
    if (first < last) task(context, part, first, last);
}

#if defined HAVE_THREADS && !defined __STDC_NO_ATOMICS__
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { SPINS = 1 << 14, SPINS_BEFORE_YIELD = 1 << 8 };

typedef struct {
    Workers *team;
    pthread_t thread;
    int part; // 1 .. n_threads-1; the caller has part 0
} Member;

struct Workers {
    int n_threads;
    Member *members;   // (n_threads), the first unused
    atomic_uint round; // number of the current round, which consists of:
    Task *task;        //   NULL: the threads exit
    void *context;
    int n;
    atomic_int at_work, asleep;
    pthread_mutex_t lock; // for sleeping only
    pthread_cond_t wake_up;
};

// Wait until `round` differs from `seen`. Nobody sleeps through a round: `asleep` is incremented before
// `round` is read again, and announce() changes `round` before it reads `asleep`.
static void await_round(Workers *w, unsigned seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&w->round) != seen) return;
        if (i % SPINS_BEFORE_YIELD == SPINS_BEFORE_YIELD - 1) sched_yield();
    }
    pthread_mutex_lock(&w->lock);
    atomic_fetch_add(&w->asleep, 1);
    while (atomic_load(&w->round) == seen) pthread_cond_wait(&w->wake_up, &w->lock);
    atomic_fetch_sub(&w->asleep, 1);
    pthread_mutex_unlock(&w->lock);
}

// The main function of a thread.
static void *work(void *argument)
{
    Member *member = argument;
    Workers *w = member->team;
    for (unsigned round = 0;; round++) {
        await_round(w, round);
        if (!w->task) return NULL;
        run_part(w->task, w->context, w->n, member->part, w->n_threads);
        atomic_fetch_sub(&w->at_work, 1);
    }
}

// Start a round. The increment of `round` publishes the plain fields written before it (release and acquire).
static void announce(Workers *w, int n, Task *task, void *context)
{
    w->task = task;
    w->context = context;
    w->n = n;
    atomic_store(&w->at_work, w->n_threads - 1);
    atomic_fetch_add(&w->round, 1);
    if (!atomic_load(&w->asleep)) return;
    pthread_mutex_lock(&w->lock);
    pthread_cond_broadcast(&w->wake_up);
    pthread_mutex_unlock(&w->lock);
}

Workers *workers_new(int n_threads)
{
    if (n_threads <= 1) return NULL;
    Workers *w = memory_resize(NULL, 1, sizeof *w);
    *w = (Workers){.n_threads = 1, .members = memory_resize(NULL, n_threads, sizeof *w->members)};
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake_up, NULL);
    for (int i = 1; i < n_threads; i++) { // stop where the system refuses a thread
        w->members[i] = (Member){.team = w, .part = i};
        if (pthread_create(&w->members[i].thread, NULL, work, &w->members[i])) break;
        w->n_threads++;
    }
    return w;
}

void workers_free(Workers *w)
{
    if (!w) return;
    announce(w, 0, NULL, NULL);
    for (int i = 1; i < w->n_threads; i++) pthread_join(w->members[i].thread, NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake_up);
    memory_resize(w->members, 0, 0);
    memory_resize(w, 0, 0);
}

int workers_count(const Workers *w) { return w ? w->n_threads : 1; }

void workers_run(Workers *w, int n, Task *task, void *context)
{
    if (!w || w->n_threads == 1 || n <= 1) {
        run_part(task, context, n, 0, 1);
        return;
    }
    announce(w, n, task, context);
    run_part(task, context, n, 0, w->n_threads);
    for (int i = 1; atomic_load(&w->at_work); i++)
        if (i % SPINS_BEFORE_YIELD == 0) sched_yield();
}

struct Lock {
    pthread_mutex_t mutex;
    pthread_cond_t wake_up;
};

Lock *lock_new(void)
{
    Lock *lock = memory_resize(NULL, 1, sizeof *lock);
    pthread_mutex_init(&lock->mutex, NULL);
    pthread_cond_init(&lock->wake_up, NULL);
    return lock;
}

void lock_free(Lock *lock)
{
    pthread_mutex_destroy(&lock->mutex);
    pthread_cond_destroy(&lock->wake_up);
    memory_resize(lock, 0, 0);
}

void lock_take(Lock *lock) { pthread_mutex_lock(&lock->mutex); }
void lock_release(Lock *lock) { pthread_mutex_unlock(&lock->mutex); }
void lock_sleep(Lock *lock) { pthread_cond_wait(&lock->wake_up, &lock->mutex); }
void lock_wake_all(Lock *lock) { pthread_cond_broadcast(&lock->wake_up); }

#else // no threads: the caller does all the work

Workers *workers_new(int n_threads) { return (void)n_threads, NULL; }
void workers_free(Workers *workers) { (void)workers; }
int workers_count(const Workers *workers) { return (void)workers, 1; }
void workers_run(Workers *workers, int n, Task *task, void *context)
{
    (void)workers;
    run_part(task, context, n, 0, 1);
}
Lock *lock_new(void) { return NULL; }
void lock_free(Lock *lock) { (void)lock; }
void lock_take(Lock *lock) { (void)lock; }
void lock_release(Lock *lock) { (void)lock; }
void lock_sleep(Lock *lock) { (void)lock; }
void lock_wake_all(Lock *lock) { (void)lock; }

#endif
