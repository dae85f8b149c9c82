// SPDX-License-Identifier: MIT
// Threads that share a model, and nothing else, do not disturb each other.
#include "batch.h"
#include "kvgreedy.h"
#include "models.h"
#include "sequences.h"

enum { N_THREADS = 4, N_TEXTS = 3, MAX_NEW = 6 };

typedef struct {
    const TestModel *t;
    Options options;
    Input inputs[N_TEXTS];
    Arena memory[N_THREADS];
    Sequence results[N_THREADS][N_TEXTS];
    uint64_t rows[N_THREADS];
} Shared;

// All texts, each thread beginning with another one, first one by one and then in a batch.
static void decode(void *context, int part, int first, int last)
{
    Shared *c = context;
    const Model *m = &c->t->model;
    for (int thread = first; thread < last; thread++) {
        State s = state_new(m, 1);
        KVCache cache = kvcache_new(&s, m, 1, 0);
        Batch batch = batch_new(&s, m, 2, 1);
        Arena *memory = &c->memory[thread];
        for (int i = 0; i < N_TEXTS; i++) {
            const int text = (i + part) % N_TEXTS;
            const Input *input = &c->inputs[text];
            const int max_length = input->n_prompt + MAX_NEW;
            Sequence *q = &c->results[thread][text];
            *q = sequence_new(memory, &c->options, input, max_length, 0);
            kvcache_read_source(&s, m, &cache, 0, input);
            kvcache_greedy(&s, m, q, &cache, 0, ignore_token, NULL);
            kvcache_reset(&cache, 0);

            Request r = {.input = *input, .max_length = max_length};
            r.sequence = sequence_new(memory, &c->options, input, max_length, 0);
            r.search = greedy_search(memory);
            batch_add(&batch, &r);
            while (!r.search->done) batch_step(&batch);
            batch_remove(&batch, &r);
            CHECK(same_ids(q, &r.sequence), "%s: thread %d: text %d in a batch", c->t->name, thread, text);
        }
        c->rows[thread] = s.decoder_rows;
        batch_free(&batch);
        kvcache_free(&cache);
        state_free(&s);
    }
}

static void one_model(TestModel *t)
{
    Error error = {0};
    Options asked = options_unset();
    Shared *c = arena_alloc(&t->arena, 1, sizeof *c);
    *c = (Shared){.t = t};
    asked.temperature = 1;
    asked.top_p = 0.9;
    CHECK(options_resolve(&c->options, &t->model, &asked, false, &error), "%s", error.message);
    for (int i = 0; i < N_TEXTS; i++) c->inputs[i] = made_up_input(t, 3 + 4 * i, i);
    Workers *team = workers_new(N_THREADS);
    workers_run(team, N_THREADS, decode, c);
    workers_free(team);
    for (int thread = 1; thread < N_THREADS; thread++) {
        CHECK(c->rows[thread] == c->rows[0], "%s: thread %d computed other rows", t->name, thread);
        for (int i = 0; i < N_TEXTS; i++)
            CHECK(same_ids(&c->results[thread][i], &c->results[0][i]), "%s: thread %d: text %d differs",
                  t->name, thread, i);
    }
    for (int thread = 0; thread < N_THREADS; thread++) arena_free(&c->memory[thread]);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"threads that share a model give the same tokens", ON_MODEL(one_model)},
    };
    return RUN_TESTS_EACH(tests, models_each);
}
