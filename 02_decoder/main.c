// SPDX-License-Identifier: MIT
// 02_decoder -- how probable does the model find a given output, and where did it look for each token?
#include "decoder.h"
#include "cli.h"
#include "text/codec.h"
#include "table.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    bool as_ids, attention, logits;
    bool layer_given, head_given;
    int layer, head;
} Arguments;

typedef struct {
    const Model *model;
    const Codec *codec;
    State *state;
    Arena *arena;
    Ids source, target;
    Input input;
} Work;

static int rank_of(const float *logits, int V, int token)
{
    int rank = 1;
    for (int v = 0; v < V; v++)
        rank += logits[v] > logits[token] || (logits[v] == logits[token] && v < token);
    return rank;
}

static void print_probabilities(const Work *w, const float *logits)
{
    const int V = w->model->config.vocab;
    float *log_p = arena_floats(w->arena, V, 1), sum = 0;
    for (int t = 0; t < w->target.n; t++, logits += V) {
        const int token = w->target.ids[t];
        log_softmax(log_p, logits, V);
        sum += log_p[token];
        printf("%s\t%.4f\t%d\t%s\n", codec_label(w->codec, w->arena, token), (double)log_p[token],
               rank_of(logits, V, token), codec_label(w->codec, w->arena, argmax(logits, V)));
    }
    printf("sum\t%.4f\n", (double)sum);
}

static void print_logits(const Work *w, const float *logits)
{
    const int V = w->model->config.vocab;
    for (int t = 0; t < w->target.n; t++)
        for (int v = 0; v < V; v++) printf("%.9g%c", (double)*logits++, v + 1 < V ? ' ' : '\n');
}

// Row t of the table is the query that predicts target token t, so it is labelled with that token.
static void print_attention(const Work *w, const Table *table)
{
    const int T = w->target.n, P = w->input.n_prompt, S = w->source.n;
    const bool cross = w->model->config.has_encoder;
    const char **columns = arena_alloc(w->arena, S + T, sizeof *columns), **rows = columns + S;
    for (int i = 0; i < S; i++) columns[i] = codec_label(w->codec, w->arena, w->source.ids[i]);
    for (int t = 0; t < T; t++) rows[t] = codec_label(w->codec, w->arena, w->target.ids[t]);
    table_print(table, P - 1, rows, cross ? S : S + T - 1, columns);
}

static int check_arguments(const Command *command, const Arguments *a, const Config *c)
{
    if ((a->layer_given || a->head_given) && !a->attention)
        return cli_error(command, "--layer and --head need --attention");
    if (a->attention && a->logits) return cli_error(command, "--attention and --logits exclude each other");
    if (a->layer >= c->decoder.n_layers)
        return cli_error(command, "--layer: expected a number from 0 to %d, found %d",
                         c->decoder.n_layers - 1, a->layer);
    if (a->head >= c->decoder.n_heads)
        return cli_error(command, "--head: expected a number from 0 to %d, found %d", c->decoder.n_heads - 1,
                         a->head);
    return 0;
}

static int run(const Command *command, const Model *model, const Codec *codec, const Arguments *a,
               const char **words)
{
    const Config *c = &model->config;
    int status = check_arguments(command, a, c);
    if (status) return status;
    State state = state_new(model, 1);
    Arena arena = {0};
    Error error = {0};
    Table table = {0};
    Work w = {model, codec, &state, &arena, {0}, {0}, {0}};
    if (codec_source(codec, &arena, words[1], &w.source, &error))
        codec_target(codec, &arena, words[2], &w.target, &error);
    w.input = input_of(model, w.source.ids, w.source.n);
    const int n = w.input.n_prompt + w.target.n - 1; // decoder rows
    if (!error.set && c->max_positions && n > c->max_positions)
        fail(&error, "the target needs %d positions, the model has %d", n, c->max_positions);
    if (!error.set) {
        const Attention *looked_at =
            c->has_encoder ? &model->weights.decoder.layers->cross : &model->weights.decoder.layers->self;
        const int layer = a->layer < 0 ? c->decoder.n_layers - 1 : a->layer;
        if (a->attention)
            table_watch(&table, &state, looked_at->name, layer, a->head, n, w.source.n + w.target.n);
        const float *logits = teacher_force(&state, model, &arena, &w.input, w.target.ids, w.target.n);
        if (a->attention) print_attention(&w, &table);
        else (a->logits ? print_logits : print_probabilities)(&w, logits);
    }
    table_free(&table);
    arena_free(&arena);
    state_free(&state);
    return error.set ? report(&error) : 0;
}

int main(int argc, char **argv)
{
    Arguments a = {.layer = -1, .head = -1};
    const Option options[] = {
        {"--attention", NULL, "print attention instead: of each target token (rows) to the source (columns)",
         OPTION_FLAG, &a.attention, NULL, 0, 0, NULL},
        {"--layer", "L", "with --attention: of layer L, from 0 (default: the last)", OPTION_INT, &a.layer,
         &a.layer_given, 0, 1e6, NULL},
        {"--head", "H", "with --attention: of head H, from 0 (default: the mean over all)", OPTION_INT,
         &a.head, &a.head_given, 0, 1e6, NULL},
        {"--logits", NULL, "print the logits of each target position instead", OPTION_FLAG, &a.logits, NULL,
         0, 0, NULL},
        {"--ids", NULL, "SOURCE and TARGET are token ids separated by spaces (default: text)", OPTION_FLAG,
         &a.as_ids, NULL, 0, 0, NULL},
        {0},
    };
    const Command command = {
        "02_decoder MODEL SOURCE TARGET [options]",
        "Prints how probable the model in the directory MODEL finds the output TARGET (tokens separated by "
        "spaces) for\n"
        "SOURCE: per token its log-probability, its rank, and the token that the model would have chosen.",
        "build/02_decoder data/marian read \"R EH1 D\"",
        options,
        3,
        3};
    const char **words = memory_resize(NULL, argc, sizeof *words);
    int n_words, status = cli_parse(&command, argc, argv, words, &n_words);
    if (status < 0) {
        Error error = {0};
        Model model;
        Codec codec;
        if (codec_load(&codec, &model, words[0], a.as_ids, &error)) {
            status = run(&command, &model, &codec, &a, words);
            model_free(&model);
        } else status = report(&error);
    }
    memory_resize(words, 0, 0);
    return cli_end(status);
}
