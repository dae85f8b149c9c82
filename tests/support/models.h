// SPDX-License-Identifier: MIT
// models.h -- the models on which every link of the chain is tested: trained and random ones.
#ifndef MODELS_H
#define MODELS_H
#include "check.h"
#include "kvcache.h"
#include "options.h"
#include "random_model.h"

// What a cache keeps: keys and values of a type; or floats, but input rows in all layers or every second one.
typedef enum { KEEP_F32, KEEP_F16, KEEP_INT8, KEEP_ROWS, KEEP_SOME_ROWS, N_KEEPS } Keep;

typedef struct {
    const char *name;
    Keep keep;
    Model model;
    Arena arena; // for what a test needs while this is open
} TestModel;

// A table of tests that take a TestModel: its rows are { "sentence", ON_MODEL(function) }, and
// RUN_TESTS_EACH(tests, models_each) runs each of them on every model. The conditional in ON_MODEL has the
// compiler check that the function takes a TestModel.
#define ON_MODEL(test) (void (*)(void))(1 ? (test) : (void (*)(TestModel *))0)
void models_each(void (*test)(void));
// Each of them on every model with every cache: t->keep says which.
void caches_each(void (*test)(void));
State state_of(const TestModel *t);
KVCache cache_of(const TestModel *t, State *s, int n_slots, int limit);
bool keeps_rows(const TestModel *t, int layer);

// A made-up source (encoder input or prompt) of n tokens, fewer if the model has few positions. Each `which`
// gives another one.
Input made_up_input(TestModel *t, int n, int which);
// n made-up decoder tokens.
int *made_up_tokens(TestModel *t, int n, int which);
// The number of positions that the model has; `otherwise` where there is no limit.
int all_positions(const TestModel *t, int otherwise);
// Logits (P + n, V) of a text from stage 02: the input's prompt and n tokens, every row. In the test's arena.
float *uncached_logits(TestModel *t, State *s, const Input *input, const int *tokens, int n);

#endif
