// SPDX-License-Identifier: MIT
// compare_types.c -- how far are the logits from those of f32, if keys and values are stored in less?
//
//   build/04_kvcache MODEL < TEXTS | build/compare_types MODEL
//
// Along the outputs (which f32 has written) every row of logits is computed with each type of stage 04's
// --cache-type, by the uncached passes of stage 02: they have the same bits as cached ones. Prints a table of
// TAB-separated values: for each type the bytes of a token in the decoder's self-attention, and the largest
// and the mean absolute difference of a logit.
#include "cli.h"
#include "decoder.h"
#include "text/codec.h"
#include "tsv.h"
#include <math.h>

enum { N_TYPES = KV_INT8 + 1 };

typedef struct {
    State state;
    double largest, sum; // of differences
} Type;

typedef struct {
    Model model;
    Codec codec;
    Type types[N_TYPES];
    double n_logits;
} Work;

static void add_differences(Type *type, const float *logits, const float *expected, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double difference = fabs((double)logits[i] - (double)expected[i]);
        type->largest = fmax(type->largest, difference);
        type->sum += difference;
    }
}

// False: the line is no text and its output.
static bool read_line(const Work *w, Arena *arena, const TsvLine *line, Input *input, Ids *target,
                      Error *error)
{
    const int max = w->model.config.max_positions;
    const char *note;
    Error problem = {0};
    Ids source;
    if (line->n_fields != 2) fail(&problem, "expected 2 fields (text, tokens), found %d", line->n_fields);
    else if (codec_source(&w->codec, arena, line->fields[0], &source, &note, &problem) &&
             codec_target(&w->codec, arena, line->fields[1], target, &problem)) {
        *input = input_of(&w->model, source.ids, source.n);
        const int n = input->n_prompt + target->n - 1;
        if (max && n > max) fail(&problem, "needs %d positions, the model has %d", n, max);
    }
    return !problem.set || fail(error, "stdin:%d: %s", line->number, problem.message);
}

static bool compare(Work *w, Arena *arena, const TsvLine *line, Error *error)
{
    Input input;
    Ids target;
    if (!read_line(w, arena, line, &input, &target, error)) return false;
    const size_t n = (size_t)target.n * w->model.config.vocab;
    const float *expected = NULL;
    for (int type = 0; type < N_TYPES; type++) {
        Type *t = &w->types[type];
        const float *logits = teacher_force(&t->state, &w->model, arena, &input, target.ids, target.n);
        if (type == KV_F32) expected = logits;
        add_differences(t, logits, expected, n);
    }
    w->n_logits += (double)n;
    return true;
}

static void print_types(const Work *w)
{
    printf("type\tbytes per token\tlargest difference\tmean difference\n");
    for (int type = 0; type < N_TYPES; type++) {
        const Type *t = &w->types[type];
        const size_t bytes = kv_key_bytes(&t->state.pool) + kv_value_bytes(&t->state.pool);
        printf("%s\t%zu\t%.2g\t%.2g\n", kv_type_names()[type], w->model.config.decoder.n_layers * bytes,
               t->largest, t->sum / w->n_logits);
    }
}

int main(int argc, char **argv)
{
    const Command command = {
        .usage = "compare_types MODEL < OUTPUT",
        .about = "Computes the logits along OUTPUT, what a greedy stage has printed for the model in the "
                 "directory MODEL, with each type of cache, and prints how far they are from those of f32.",
        .example = "build/04_kvcache data/marian < data/cmudict-test.tsv |\n"
                   "  build/compare_types data/marian",
        .min_words = 1,
        .max_words = 1,
    };
    cli_parse(&command, argc, argv);
    Error error = {0};
    Arena arena = {0};
    Tsv outputs = {0};
    Work w = {.n_logits = 0};
    codec_load_or_exit(&w.codec, &w.model, argv[1], false);
    for (int type = 0; type < N_TYPES; type++) {
        w.types[type].state = state_new(&w.model, 1);
        w.types[type].state.pool.type = type;
    }
    if (tsv_read(&outputs, stdin, "stdin", &error))
        for (int i = 0; i < outputs.n && compare(&w, &arena, &outputs.lines[i], &error); i++)
            arena_reset(&arena);
    if (!error.set) print_types(&w);
    for (int type = 0; type < N_TYPES; type++) state_free(&w.types[type].state);
    tsv_free(&outputs);
    arena_free(&arena);
    model_free(&w.model);
    return cli_end(error.set ? report(&error) : 0);
}
