// SPDX-License-Identifier: MIT
// models.c -- the models on which every link of the chain is tested.
#include "models.h"

static void run(TestModel *t, void (*test)(TestModel *t))
{
    test(t);
    model_free(&t->model);
    arena_free(&t->arena);
}

void models_each(void (*function)(void))
{
    void (*test)(TestModel *) = (void (*)(TestModel *))function;
    static const char *const directories[] = {"data/marian", "data/umt5", "data/gpt2"};
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        TestModel t = {.name = directories[i]};
        Error error = {0};
        if (model_load(&t.model, t.name, PANEL_WIDTH, &error)) run(&t, test);
        else CHECK(false, "%s", error.message);
    }
    int n_random;
    const RandomModel *random = random_models(&n_random);
    for (int i = 0; i < n_random; i++) {
        TestModel t = {.name = random[i].name};
        random_model_load(&t.model, &random[i]);
        run(&t, test);
    }
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
