// SPDX-License-Identifier: MIT
// models.h -- the models over which the tests of the chain run: the trained ones of all families, and small random ones.
#ifndef MODELS_H
#define MODELS_H
#include "check.h"
#include "decoder.h"
#include "options.h"
#include "random_model.h"

typedef struct {
    const char *name;
    Model model;
    Arena arena; // for what a test needs while this is open
} TestModel;

void models_each(void (*test)(TestModel *t));

// A made-up source (encoder input or prompt) of n tokens, different for each `which`; fewer where the model has few
// positions. And made-up decoder tokens.
Input made_up_input(TestModel *t, int n, int which);
int *made_up_tokens(TestModel *t, int n, int which);
// The most decoder tokens worth testing with: all positions of the model, else `otherwise`.
int all_positions(const TestModel *t, int otherwise);
// Logits (P + n, V) of a text from stage 02: the input's prompt and n tokens, every row. In the test's arena.
float *uncached_logits(TestModel *t, State *s, const Input *input, const int *tokens, int n);

#endif
