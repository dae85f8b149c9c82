// SPDX-License-Identifier: MIT
// models.c -- the models on which every link of the chain is tested.
#include "models.h"
#include "tensor/loops.h"

static void run(TestModel *t, void (*test)(TestModel *t), int n_keeps)
{
    for (t->keep = 0; (int)t->keep < n_keeps; t->keep++) {
        test(t);
        arena_reset(&t->arena);
    }
    model_free(&t->model);
    arena_free(&t->arena);
}

static void run_each(void (*function)(void), int n_keeps)
{
    void (*test)(TestModel *) = (void (*)(TestModel *))function;
    static const char *const directories[] = {"data/marian", "data/umt5", "data/gpt2"};
    int n_trained = sizeof directories / sizeof *directories;
#ifdef SANITIZED // a hundred times slower: only the small ones, whose sizes are odder
    n_trained = 0;
#endif
    for (int i = 0; i < n_trained; i++) {
        TestModel t = {.name = directories[i]};
        Error error = {0};
        if (model_load(&t.model, t.name, PANEL_WIDTH, &error)) run(&t, test, n_keeps);
        else CHECK(false, "%s", error.message);
    }
    int n_random;
    const RandomModel *random = random_models(&n_random);
    for (int i = 0; i < n_random; i++) {
        TestModel t = {.name = random[i].name};
        random_model_load(&t.model, &random[i]);
        run(&t, test, n_keeps);
    }
}

void models_each(void (*test)(void)) { run_each(test, 1); }
void caches_each(void (*test)(void)) { run_each(test, N_KEEPS); }

bool keeps_rows(const TestModel *t, int layer)
{
    return t->keep == KEEP_ROWS || (t->keep == KEEP_SOME_ROWS && layer % 2 == 0);
}

State state_of(const TestModel *t)
{
    State s = state_new(&t->model, 1);
    s.pool.type = t->keep == KEEP_F16 ? KV_F16 : t->keep == KEEP_INT8 ? KV_INT8 : KV_F32;
    return s;
}

KVCache cache_of(const TestModel *t, State *s, int n_slots, int limit)
{
    KVCache c = kvcache_new(s, &t->model, n_slots, limit);
    for (int l = 0; l < t->model.weights.decoder.n_layers; l++)
        if (keeps_rows(t, l)) kvcache_keep_rows(&c, l);
    return c;
}

static int *made_up(TestModel *t, int n, int which, int vocab)
{
    int *ids = arena_alloc(&t->arena, n + 1, sizeof *ids);
    for (int i = 0; i < n; i++)
        ids[i] = (int)((unsigned)(i * i + 7 * i + 3 + which * (i + 5)) % (unsigned)vocab);
    return ids;
}

Input made_up_input(TestModel *t, int n, int which)
{
    const int max_n = all_positions(t, n + 8) - 8; // some positions are left for decoder tokens
    if (n > max_n) n = max_n;
    return input_of(&t->model, made_up(t, n, which, t->model.config.source_vocab), n);
}

int *made_up_tokens(TestModel *t, int n, int which)
{
    return made_up(t, n, which + 100, t->model.config.vocab);
}

int all_positions(const TestModel *t, int otherwise)
{
    return t->model.config.max_positions ? t->model.config.max_positions : otherwise;
}

float *uncached_logits(TestModel *t, State *s, const Input *input, const int *tokens, int n)
{
    const int V = t->model.config.vocab, P = input->n_prompt;
    int *all = arena_alloc(&t->arena, P + n, sizeof *all);
    Row *rows = arena_alloc(&t->arena, P + n, sizeof *rows);
    memcpy(all, input->prompt, P * sizeof *all);
    memcpy(all + P, tokens, n * sizeof *all);
    rows_of_text(rows, all, P + n, P + n);
    const Encoded source = encode_input(s, &t->model, &t->arena, input);
    float *logits = arena_floats(&t->arena, P + n, V);
    memcpy(logits, decoder_forward(s, &t->model, rows, P + n, &source), sizeof *logits * (P + n) * V);
    return logits;
}
