// SPDX-License-Identifier: MIT
// The team of threads: every iteration is run once, and no number of threads changes a bit.
#include "check.h"
#include "matrix_of.h"
#include "tensor/tensor.h"
#include <time.h>

// [KV-62] A product large enough to be divided among threads has the same bits with 1 to 7 of them.
static void threads_change_no_bit(void)
{
    enum { N = 700, ROWS = 9 };
    Arena arena = {0};
    float *w = arena_floats(&arena, N, N), *x = arena_floats(&arena, ROWS, N),
          *y = arena_floats(&arena, ROWS, N), *expected = arena_floats(&arena, ROWS, N);
    for (int i = 0; i < N * N; i++) w[i] = (float)(i * 7 % 1013 - 500) * 1e-3f;
    for (int i = 0; i < ROWS * N; i++) x[i] = (float)(i * 11 % 1019 - 500) * 1e-3f;
    const Matrix packed = matrix_of(&arena, w, N, N, PANEL_WIDTH);
    for (int rows = 1; rows <= ROWS; rows += 4) {
        matmul(expected, x, &packed, NULL, rows, NULL);
        for (int n_threads = 2; n_threads <= 7; n_threads++) {
            Workers *team = workers_new(n_threads);
            memset(y, 0xFF, sizeof *y * ROWS * N);
            for (int repeat = 0; repeat < 20; repeat++) matmul(y, x, &packed, NULL, rows, team);
            CHECK_BITS(y, expected, (size_t)rows * N, "product");
            workers_free(team);
        }
    }
    arena_free(&arena);
}

static void count(void *context, int part, int first, int last)
{
    CHECK(part >= 0 && part < 5, "part %d", part);
    for (int i = first; i < last; i++) ((int *)context)[i]++;
}

static void every_iteration_is_run_once(void)
{
    for (int n_threads = 1; n_threads <= 5; n_threads++) {
        Workers *team = workers_new(n_threads);
        int done[40] = {0};
        for (int n = 0; n <= 40; n++) workers_run(team, n, count, done);
        for (int i = 0; i < 40; i++)
            CHECK(done[i] == 40 - i, "%d threads: iteration %d was run %d times", n_threads, i, done[i]);
        workers_free(team);
    }
}

// Loops one right after the other, as in a forward pass: each reads what all threads have written in the one
// before, so none may begin early or end late.
enum { CELLS = 7 };

typedef struct {
    int from[CELLS], to[CELLS];
} Generation;

static void next_generation(void *context, int part, int first, int last)
{
    (void)part;
    Generation *g = context;
    for (int i = first; i < last; i++) g->to[(i + 1) % CELLS] = g->from[i] + 1;
}

static void run_generations(Workers *team, int n, double pause)
{
    Generation g = {{0}, {0}};
    for (int i = 0; i < n; i++) {
        struct timespec start, now;
        timespec_get(&start, TIME_UTC);
        do timespec_get(&now, TIME_UTC);
        while (difftime(now.tv_sec, start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) * 1e-9 < pause);
        workers_run(team, CELLS, next_generation, &g);
        memcpy(g.from, g.to, sizeof g.from);
    }
    for (int i = 0; i < CELLS; i++) CHECK(g.from[i] == n, "%d loops: cell %d is %d", n, i, g.from[i]);
}

static void loops_follow_each_other(void)
{
    for (int n_threads = 2; n_threads <= 4; n_threads++) {
        Workers *team = workers_new(n_threads);
        run_generations(team, 2000, 0);  // while they wait for more
        run_generations(team, 20, 2e-3); // when they have gone to sleep
        workers_free(team);
    }
}

typedef struct {
    Lock *lock;
    int n_inside, n_rounds; // with the lock held
    int turn;               // whose round it is
} Guarded;

static void go_inside(void *context, int part, int first, int last)
{
    (void)part;
    Guarded *g = context;
    for (int i = first; i < last; i++)
        for (int round = 0; round < 500; round++) {
            lock_take(g->lock);
            CHECK(++g->n_inside == 1, "%d threads inside", g->n_inside);
            g->n_rounds++;
            g->n_inside--;
            lock_release(g->lock);
        }
}

// Round after round the threads take turns. The others sleep.
static void take_turns(void *context, int part, int first, int last)
{
    Guarded *g = context;
    CHECK(first == part && last == part + 1, "a part of one iteration");
    for (int round = 0; round < 50; round++) {
        lock_take(g->lock);
        while (g->turn != part) lock_sleep(g->lock);
        g->turn = (part + 1) % 4;
        g->n_rounds++;
        lock_wake_all(g->lock);
        lock_release(g->lock);
    }
}

static void locks(void)
{
    Workers *team = workers_new(4);
    Guarded g = {.lock = lock_new()};
    workers_run(team, 4, go_inside, &g);
    CHECK(g.n_rounds == 4 * 500, "%d rounds", g.n_rounds);
    g.n_rounds = 0;
    if (workers_count(team) == 4) { // else nobody would take the others' turns
        workers_run(team, 4, take_turns, &g);
        CHECK(g.n_rounds == 4 * 50, "%d rounds", g.n_rounds);
    }
    lock_free(g.lock);
    workers_free(team);
}

static void teams_of_one(void)
{
    CHECK(!workers_new(1) && !workers_new(0) && !workers_new(-3), "one thread is no team");
    CHECK(workers_count(NULL) == 1, "the caller counts as one");
    workers_free(NULL);
    int done[3] = {0};
    workers_run(NULL, 3, count, done);
    CHECK(done[0] == 1 && done[1] == 1 && done[2] == 1, "%d %d %d", done[0], done[1], done[2]);
    Workers *unused = workers_new(3);
    CHECK(workers_count(unused) == 1 || workers_count(unused) == 3, "%d threads", workers_count(unused));
    workers_free(unused); // which has never worked
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"threads change no bit of a product", threads_change_no_bit},
        {"a team runs every iteration once", every_iteration_is_run_once},
        {"a team ends one loop before it begins the next", loops_follow_each_other},
        {"a lock lets one thread in at a time and wakes those that sleep", locks},
        {"without a team the caller does the work", teams_of_one},
    };
    return RUN_TESTS(tests);
}
