// SPDX-License-Identifier: MIT
// workers.c -- the team of threads: one announcement per loop, one count of those still at work.
//
// A forward pass has about a hundred short loops per token, so a worker first spins for the next announcement and
// goes to sleep only when none comes for a while.
#include "tensor/workers.h"
#include "tensor/memory.h"

static void do_share(Task *task, void *context, int n_items, int share, int n_shares)
{
    const int first = (int)((long long)n_items * share / n_shares);
    const int last = (int)((long long)n_items * (share + 1) / n_shares);
    if (first < last) task(context, first, last);
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
    int share; // 1 .. n_threads-1; share 0 is the caller's
} Member;

struct Workers {
    int n_threads;
    Member *members;   // (n_threads), the first unused
    atomic_uint round; // counts announcements; what is announced:
    Task *task;        //   NULL: go home
    void *context;
    int n_items;
    atomic_int at_work, asleep;
    pthread_mutex_t lock; // for sleeping only
    pthread_cond_t wake_up;
};

// Wait until another round than `seen` is announced.
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

static void *work(void *argument)
{
    Member *member = argument;
    Workers *w = member->team;
    for (unsigned round = 0;; round++) {
        await_round(w, round);
        if (!w->task) return NULL;
        do_share(w->task, w->context, w->n_items, member->share, w->n_threads);
        atomic_fetch_sub(&w->at_work, 1);
    }
}

// Announce a round: everything written before is seen by whoever sees the new number.
static void announce(Workers *w, int n_items, Task *task, void *context)
{
    w->task = task;
    w->context = context;
    w->n_items = n_items;
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
    for (int i = 1; i < n_threads; i++) { // fewer if the system gives no more
        w->members[i] = (Member){.team = w, .share = i};
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

void workers_run(Workers *w, int n_items, Task *task, void *context)
{
    if (!w || w->n_threads == 1 || n_items <= 1) {
        do_share(task, context, n_items, 0, 1);
        return;
    }
    announce(w, n_items, task, context);
    do_share(task, context, n_items, 0, w->n_threads);
    for (int i = 1; atomic_load(&w->at_work); i++)
        if (i % SPINS_BEFORE_YIELD == 0) sched_yield();
}

#else // no threads: the caller does all the work

Workers *workers_new(int n_threads) { return (void)n_threads, NULL; }
void workers_free(Workers *workers) { (void)workers; }
int workers_count(const Workers *workers) { return (void)workers, 1; }
void workers_run(Workers *workers, int n_items, Task *task, void *context)
{
    (void)workers;
    do_share(task, context, n_items, 0, 1);
}

#endif
