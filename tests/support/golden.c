// SPDX-License-Identifier: MIT
// golden.c -- what Hugging Face computed, read with the project's own readers.
#include "golden.h"
#include <math.h>

static void open_golden(Golden *g, const char *name, const char *model_directory, const char *directory)
{
    Error error = {0};
    char path[200];
    const Options asked = options_unset();
    *g = (Golden){.name = name, .model_directory = model_directory, .directory = directory};
    if (model_load(&g->model, model_directory, PANEL_WIDTH, &error) &&
        options_resolve(&g->options, &g->model, &asked, false, &error)) {
        snprintf(path, sizeof path, "%s/cases.json", directory);
        const Json *file = json_read(&g->arena, path, &error);
        const Json *cases = json_get(file, "cases");
        g->cases = cases ? cases->first : NULL;
        snprintf(path, sizeof path, "%s/tensors.safetensors", directory);
        checkpoint_open(&g->tensors, arena_text(&g->arena, path, strlen(path)), &error);
    }
    if (error.set || !g->cases) {
        printf("FAILED: %s: %s\n", name, error.set ? error.message : "no cases");
        exit(1);
    }
    g->state = state_new(&g->model, 1);
}

void golden_each(void (*function)(void))
{
    void (*test)(Golden *) = (void (*)(Golden *))function;
    static const char *const models[][2] = {
        {"data/marian", "tests/reference/marian"},
        {"data/umt5", "tests/reference/umt5"},
        {"data/gpt2", "tests/reference/gpt2"},
#define ODD(name) {"tests/reference/odd/" name, "tests/reference/odd/" name}
        ODD("marian-opus"),
        ODD("marian-untied"),
        ODD("t5-shared"),
        ODD("umt5-silu"),
        ODD("gpt2-inner"),
        ODD("gpt2-options"),
#undef ODD
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        Golden g;
        open_golden(&g, models[i][0], models[i][0], models[i][1]);
        test(&g);
        if (g.largest > 0) printf("%s: largest difference %.3f of what is allowed\n", g.name, g.largest);
        checkpoint_close(&g.tensors);
        state_free(&g.state);
        model_free(&g.model);
        arena_free(&g.arena);
    }
}

Ids read_ids(Arena *arena, const Json *list, const char *what)
{
    Ids out = {arena_alloc(arena, list ? list->count + 1 : 1, sizeof(int)), 0};
    for (const Json *item = list ? list->first : NULL; item; item = item->next)
        CHECK(json_int(item, &out.ids[out.n++]), "%s", what);
    return out;
}

Ids golden_ids(Golden *g, const Json *object, const char *key)
{
    char what[200];
    snprintf(what, sizeof what, "%s: %s", g->name, key);
    return read_ids(&g->arena, json_get(object, key), what);
}

static float *reals(Golden *g, const Json *object, const char *key, int *n)
{
    const Json *list = json_get(object, key);
    float *out = arena_floats(&g->arena, list ? list->count + 1 : 1, 1);
    *n = 0;
    for (const Json *item = list ? list->first : NULL; item; item = item->next) {
        double number = NAN;
        CHECK(json_double(item, &number), "%s: %s", g->name, key);
        out[(*n)++] = (float)number;
    }
    return out;
}

const char *golden_text(const Json *object, const char *key)
{
    const Json *value = json_get(object, key);
    return value && value->kind == JSON_STRING ? value->text : "";
}

Input golden_input(Golden *g, const Json *one)
{
    const Ids source = golden_ids(g, one, "source");
    return input_of(&g->model, source.ids, source.n);
}

const float *golden_tensor(Golden *g, const Json *one, const char *suffix, int rank, const uint64_t *shape)
{
    char name[200];
    Error error = {0};
    snprintf(name, sizeof name, "%s.%s", golden_text(one, "name"), suffix);
    const Tensor *tensor = checkpoint_find(&g->tensors, name);
    if (!tensor) return NULL;
    CHECK(tensor->rank == rank && !memcmp(tensor->shape, shape, rank * sizeof *shape), "%s: shape of %s",
          g->name, name);
    float *values = arena_floats(&g->arena, tensor->count, 1);
    CHECK(checkpoint_read(&g->tensors, tensor, values, &error), "%s", error.message);
    return values;
}

void golden_check(Golden *g, const char *what, int row, const float *got, const float *expected, int n)
{
    double largest = 1;
    for (int i = 0; i < n; i++) largest = fmax(largest, fabs((double)expected[i]));
    for (int i = 0; i < n; i++) {
        const double difference = fabs((double)got[i] - (double)expected[i]) / (2e-5 * largest);
        CHECK(difference <= 1, "%s: %s: row %d, number %d: expected %.9g, got %.9g", g->name, what, row, i,
              (double)expected[i], (double)got[i]);
        g->largest = fmax(g->largest, difference);
    }
}

void golden_check_log_p(Golden *g, const Json *object, const char *key, const float *logits, const Ids *ids)
{
    const int V = g->options.vocab;
    float *log_p = arena_floats(&g->arena, V, 1);
    int n;
    const float *expected = reals(g, object, key, &n);
    CHECK(n == ids->n, "%s: %d %s of %d tokens", g->name, n, key, ids->n);
    for (int t = 0; t < n && t < ids->n; t++) {
        log_softmax(log_p, logits + (size_t)t * V, V);
        golden_check(g, key, t, &log_p[ids->ids[t]], &expected[t], 1);
    }
}

void golden_check_ids(Golden *g, const char *what, const int *got, int n, const Ids *expected)
{
    CHECK(n == expected->n, "%s: %s: %d tokens, expected %d", g->name, what, n, expected->n);
    for (int i = 0; i < n && i < expected->n; i++)
        CHECK(got[i] == expected->ids[i], "%s: %s: token %d is %d, expected %d", g->name, what, i, got[i],
              expected->ids[i]);
}

void golden_check_score(Golden *g, const char *what, double got, double expected)
{
    const double difference = fabs(got - expected) / (1e-4 * (1 + fabs(expected)));
    CHECK(difference <= 1, "%s: %s: score %.7f, expected %.7f", g->name, what, got, expected);
    g->largest = fmax(g->largest, difference);
}
