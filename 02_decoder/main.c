// SPDX-License-Identifier: MIT
// 02_decoder -- how probable does the model find a given output, and where did it look for each token?
#include "cli.h"
#include "table.h"
#include "watch.h"
#include <stdio.h>

typedef struct {
    bool as_ids, attention, logits;
    const char *trace; // NULL: not given, ...
    int layer, head;   // ... as -1
    int cache_type;    // enum KVType
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

static void check_arguments(const Command *command, const Arguments *a, const Config *c)
{
    if (a->attention + a->logits + (a->trace != NULL) > 1)
        cli_error(command, "--attention, --logits and --trace exclude each other");
    if (a->head >= 0 && !a->attention) cli_error(command, "--head needs --attention");
    if (a->layer >= 0 && !a->attention && !a->trace)
        cli_error(command, "--layer needs --attention or --trace");
    if (a->attention && a->layer >= c->decoder.n_layers)
        cli_error(command, "--layer: expected a number from 0 to %d, found %d", c->decoder.n_layers - 1,
                  a->layer);
    if (a->head >= c->decoder.n_heads)
        cli_error(command, "--head: expected a number from 0 to %d, found %d", c->decoder.n_heads - 1,
                  a->head);
}

static void print_trace(Work *w, const Arguments *a, const Command *command)
{
    const int P = w->input.n_prompt, n = P + w->target.n - 1;
    int *ids = arena_alloc(w->arena, n, sizeof *ids); // that the decoder reads
    for (int i = 0; i < n; i++) ids[i] = i < P ? w->input.prompt[i] : w->target.ids[i - P];
    Watch watch = {.name = a->trace, .layer = a->layer, .out = stdout, .codec = w->codec, .input = w->input};
    watch_begin(&watch, w->state);
    watch_rows(&watch, ids, n, 0);
    teacher_force(w->state, w->model, w->arena, &w->input, w->target.ids, w->target.n);
    watch_end(&watch, command);
}

static void rate(Work *w, const Arguments *a)
{
    const Config *c = &w->model->config;
    const Layer *layers = w->model->weights.decoder.layers;
    const int layer = a->layer < 0 ? c->decoder.n_layers - 1 : a->layer;
    Table table = {0};
    if (a->attention) {
        const char *name = c->has_encoder ? layers->cross.name : layers->self.name;
        const int n_rows = w->input.n_prompt + w->target.n - 1;
        table_watch(&table, w->state, name, layer, a->head, n_rows, w->source.n + w->target.n);
    }
    const float *logits = teacher_force(w->state, w->model, w->arena, &w->input, w->target.ids, w->target.n);
    if (a->attention) print_attention(w, &table);
    else if (a->logits) print_logits(w, logits);
    else print_probabilities(w, logits);
    table_free(&table);
}

int main(int argc, char **argv)
{
    Arguments a = {.layer = -1, .head = -1};
    const Option options[] = {
        OPT_FLAG("--attention", &a.attention,
                 "print attention instead: of each target token (rows) to the source (columns)"),
        OPT_INT("--layer", "L", &a.layer, 0, 1e6,
                "with --attention: of layer L, from 0 (default: the last); with --trace (default: all)"),
        OPT_INT("--head", "H", &a.head, 0, 1e6,
                "with --attention: of head H, from 0 (default: the mean over all)"),
        OPT_FLAG("--logits", &a.logits, "print the logits of each target position instead"),
        OPT_TEXT("--trace", "NAME", &a.trace,
                 "print a tensor of the forward pass instead, such as decoder.self_attention.keys; an "
                 "unknown name lists all (default: none)"),
        OPT_CHOICE("--cache-type", "TYPE", &a.cache_type, kv_type_names(),
                   "f32, f16 or int8: how the decoder's keys and values are stored (default f32)"),
        OPT_FLAG("--ids", &a.as_ids, "SOURCE and TARGET are token ids separated by spaces (default: text)"),
        OPT_END,
    };
    const Command command = {
        .usage = "02_decoder MODEL SOURCE TARGET [options]",
        .about = "Prints how probable the model in the directory MODEL finds the output TARGET (tokens "
                 "separated by spaces) for SOURCE: per token its log-probability, its rank, and the token "
                 "that the model would have chosen.",
        .example = "build/02_decoder data/marian read \"R EH1 D\"",
        .min_words = 3,
        .max_words = 3,
        .options = {options},
    };
    cli_parse(&command, argc, argv);
    const char *directory = argv[1], *source = argv[2], *target = argv[3];
    Model model;
    Codec codec;
    codec_load_or_exit(&codec, &model, directory, a.as_ids);
    check_arguments(&command, &a, &model.config);

    State state = state_new(&model, 1);
    state.pool.type = a.cache_type;
    Arena arena = {0};
    Error error = {0};
    Work w = {.model = &model, .codec = &codec, .state = &state, .arena = &arena};
    const char *note;
    if (codec_source(&codec, &arena, source, &w.source, &note, &error))
        codec_target(&codec, &arena, target, &w.target, &error);
    if (note && !error.set) fprintf(stderr, "note: %s\n", note);
    w.input = input_of(&model, w.source.ids, w.source.n);
    const int n = w.input.n_prompt + w.target.n - 1, max = model.config.max_positions; // decoder rows
    if (!error.set && max && n > max) fail(&error, "the target needs %d positions, the model has %d", n, max);
    if (!error.set && a.trace) print_trace(&w, &a, &command);
    else if (!error.set) rate(&w, &a);
    arena_free(&arena);
    state_free(&state);
    model_free(&model);
    return cli_end(error.set ? report(&error) : 0);
}
