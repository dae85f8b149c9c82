// SPDX-License-Identifier: MIT
// Which keys a row sees. (The numbers that come out of it: test_golden_forward.c.)
#include "attention.h"
#include "check.h"
#include "random_model.h"
#include <string.h>

static void count_keys(void *user, const char *name, int layer, int rows, int columns, const float *values)
{
    int *n = user;
    (void)layer, (void)rows, (void)values;
    if (strstr(name, ".probabilities")) *n = columns;
}

// All keys are there before the first row looks: a row that should not see one could.
static void check_keys(State *s, const Attention *a, bool causal)
{
    enum { N = 5 };
    const int tokens[N] = {0}, D = s->config->d_model;
    Row rows[N];
    arena_reset(&s->scratch);
    float *x = arena_floats(&s->scratch, N, D);
    for (int i = 0; i < N * D; i++) x[i] = (float)(i % 7);
    rows_of_text(rows, tokens, N, 0);
    KV *list = lists_new(s, &s->scratch, a, 1);
    attention_store(s, a, list, x, rows, N);
    for (int i = 0; i < N; i++) {
        const int expected = causal ? i + 1 : N;
        int found = -1;
        s->trace = count_keys;
        s->trace_user = &found;
        attention_lookup(s, a, list, x + i * D, &rows[i], 1);
        CHECK(found == expected, "%s: the row at position %d sees %d of %d keys, expected %d", a->name, i,
              found, N, expected);
    }
    lists_drop(list, 1);
}

// [KV-12, 19]
static void visible(void)
{
    Model m;
    random_model_load(&m, &(RandomModel){.architecture = "UMT5ForConditionalGeneration"});
    State s = state_new(&m, 1);
    check_keys(&s, &m.weights.encoder.layers[0].self, false);
    check_keys(&s, &m.weights.decoder.layers[0].self, true);
    check_keys(&s, &m.weights.decoder.layers[0].cross, false);
    state_free(&s);
    model_free(&m);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"a row of a decoder sees itself and those before it, any other row all keys", visible},
    };
    return RUN_TESTS(tests);
}
