// SPDX-License-Identifier: MIT
// 01_attention -- the program of stage 01: the self-attention of a trained model's first layer for one text,
// as a table of probabilities with a row per query token and a column per key token.
//
// Order of work: options, model, tokens of the text, first_attention() with a table as its trace, output.
// Everything else of the model is loaded but not used; stage 02 adds the other layers.
// The result goes to stdout, errors to stderr; exit status 1 for a wrong file or text, 2 for a wrong option.
#include "attention.h"
#include "cli.h"
#include "table.h"
#include "text/codec.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    bool as_ids = false;
    int head = -1;
    const Option options[] = {
        OPT_INT("--head", "H", &head, 0, 1e6,
                "the probabilities of head H, from 0 (default: the mean over all heads)"),
        OPT_FLAG("--ids", &as_ids, "TEXT is token ids separated by spaces (default: letters)"),
        OPT_END,
    };
    const Command command = {
        .usage = "01_attention MODEL TEXT [options]",
        .about = "Prints how much each token of TEXT (rows) looks at each token (columns) in the first layer "
                 "of the model in the directory MODEL: of its encoder, or of its decoder if it has no "
                 "encoder. The probabilities of a row sum to 1.",
        .example = "build/01_attention data/marian transformer",
        .min_words = 2,
        .max_words = 2,
        .options = {options},
    };
    cli_parse(&command, argc, argv);
    const char *directory = argv[1], *text = argv[2];
    Model model;
    Codec codec;
    codec_load_or_exit(&codec, &model, directory, as_ids);

    const Stack *stack = model.config.has_encoder ? &model.weights.encoder : &model.weights.decoder;
    const Attention *attention = &stack->layers[0].self;
    if (head >= attention->n_heads)
        cli_error(&command, "--head: expected a number from 0 to %d, found %d", attention->n_heads - 1, head);

    State state = state_new(&model, 1); // one thread: the table's trace needs the rows in order
    Arena arena = {0};
    Error error = {0};
    Ids source;
    const char *note;
    if (codec_source(&codec, &arena, text, &source, &note, &error)) {
        if (note) fprintf(stderr, "note: %s\n", note);
        const int n = source.n;
        Row *rows = arena_alloc(&arena, n, sizeof *rows);
        rows_of_text(rows, source.ids, n, 0);
        Table table;
        table_watch(&table, &state, attention->name, 0, head, n, n);
        first_attention(&state, stack, rows, n);

        const char **labels = arena_alloc(&arena, n, sizeof *labels);
        for (int i = 0; i < n; i++) labels[i] = codec_label(&codec, &arena, source.ids[i]);
        table_print(&table, 0, labels, n, labels);
        table_free(&table);
    }
    arena_free(&arena);
    state_free(&state);
    model_free(&model);
    return cli_end(error.set ? report(&error) : 0);
}
