// SPDX-License-Identifier: MIT
// encoder.c -- every source token looks at all source tokens, layer after layer.
#include "encoder.h"
#include <string.h>

Encoded encoder_forward(State *s, const Model *m, Arena *memory, const Row *rows, int n_rows, int n_sequences)
{
    const Stack *encoder = &m->weights.encoder;
    const int D = m->config.d_model;
    arena_reset(&s->scratch);
    float *x = embed(s, encoder, rows, n_rows); // (n_rows, D), as every x and y below

    for (int l = 0; l < encoder->n_layers; l++) {
        const Layer *layer = &encoder->layers[l];
        trace(s, encoder->hidden_name, l, n_rows, D, x);

        const float *y = norm_before(s, x, &layer->self_norm, n_rows);
        KV *lists = lists_new(s, &s->scratch, &layer->self, n_sequences);
        attention_store(s, &layer->self, lists, y, rows, n_rows);
        y = attention_lookup(s, &layer->self, lists, y, rows, n_rows);
        add_and_norm(s, x, y, &layer->self_norm, n_rows);
        lists_drop(lists, n_sequences);

        y = norm_before(s, x, &layer->ff_norm, n_rows);
        y = feed_forward(s, layer, y, n_rows);
        add_and_norm(s, x, y, &layer->ff_norm, n_rows);
    }
    const float *y = final_norm(s, x, encoder, n_rows);
    trace(s, encoder->hidden_name, encoder->n_layers, n_rows, D, y);
    float *values = arena_floats(memory, n_rows, D);
    memcpy(values, y, sizeof *values * n_rows * D);
    return (Encoded){values, rows, n_rows};
}
