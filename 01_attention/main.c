// SPDX-License-Identifier: MIT
// 01_attention -- how much each token of a text looks at each other one: the attention of a trained model's first
// layer, as a table.
#include "attention.h"
#include "cli.h"
#include "text/codec.h"
#include "table.h"
#include <stdlib.h>

typedef struct {
    bool as_ids;
    int head;
} Arguments;

static int show_attention(const Command *command, const Model *model, const Codec *codec,
                          const Arguments *arguments, const char *text)
{
    const bool encoder = model->config.has_encoder;
    const Stack *stack = encoder ? &model->weights.encoder : &model->weights.decoder;
    const Layer *layer = &stack->layers[0];
    if (arguments->head >= layer->self.n_heads)
        return cli_error(command, "--head: expected a number from 0 to %d, found %d", layer->self.n_heads - 1,
                         arguments->head);
    State state = state_new(model, 1);
    Arena arena = {0};
    Error error = {0};
    Ids source;
    Table table;
    if (!codec_source(codec, &arena, text, &source, &error)) {
        arena_free(&arena);
        state_free(&state);
        return report(&error);
    }
    const int n = source.n;
    Row *rows = arena_alloc(&arena, n, sizeof *rows);
    rows_of_text(rows, source.ids, n, 0);
    table_watch(&table, &state, layer->self.name, 0, arguments->head, n, n);
    first_attention(&state, stack, rows, n);

    const char **labels = arena_alloc(&arena, n, sizeof *labels);
    for (int i = 0; i < n; i++) labels[i] = codec_label(codec, &arena, source.ids[i]);
    table_print(&table, 0, labels, n, labels);
    table_free(&table);
    arena_free(&arena);
    state_free(&state);
    return 0;
}

int main(int argc, char **argv)
{
    Arguments arguments = {.head = -1};
    const Option options[] = {
        {"--head", "H", "the weights of head H, from 0 (default: the mean over all heads)", OPTION_INT,
         &arguments.head, NULL, 0, 1e6, NULL},
        {"--ids", NULL, "TEXT is token ids separated by spaces (default: letters)", OPTION_FLAG,
         &arguments.as_ids, NULL, 0, 0, NULL},
        {0},
    };
    const Command command = {"01_attention MODEL TEXT [options]",
                             "Prints how much each token of TEXT (rows) looks at each token (columns) in the "
                             "first layer of the model in the\n"
                             "directory MODEL: of its encoder, or of its decoder if it has no encoder. The "
                             "weights of a row sum to 1.",
                             "build/01_attention data/marian transformer",
                             options,
                             2,
                             2};
    const char **words = memory_resize(NULL, argc, sizeof *words);
    int n_words, status = cli_parse(&command, argc, argv, words, &n_words);
    if (status < 0) {
        Error error = {0};
        Model model;
        Codec codec;
        if (codec_load(&codec, &model, words[0], arguments.as_ids, &error)) {
            status = show_attention(&command, &model, &codec, &arguments, words[1]);
            model_free(&model);
        } else status = report(&error);
    }
    memory_resize(words, 0, 0);
    return cli_end(status);
}
