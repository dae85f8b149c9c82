// SPDX-License-Identifier: MIT
// decoder.c -- the loop over the layers. 04_kvcache/kvcache.c has the same loop for new rows only: diff them.
#include "decoder.h"
#include <string.h>

float *decoder_forward(State *s, const Model *m, const Row *rows, int n_rows, const Encoded *source)
{
    const Stack *decoder = &m->weights.decoder;
    const int D = m->config.d_model;
    arena_reset(&s->scratch);
    float *x = embed(s, decoder, rows, n_rows); // (n_rows, D), as every x and y below

    for (int l = 0; l < decoder->n_layers; l++) {
        const Layer *layer = &decoder->layers[l];
        trace(s, decoder->hidden_name, l, n_rows, D, x);

        // 1. Self-attention: each row looks at itself and at the rows before it.
        const float *y = norm_before(s, x, &layer->self_norm, n_rows);
        KV *self = lists_new(s, &s->scratch, &layer->self, 1);
        attention_store(s, &layer->self, self, y, rows, n_rows);
        y = attention_lookup(s, &layer->self, self, y, rows, n_rows);
        add_and_norm(s, x, y, &layer->self_norm, n_rows);
        lists_drop(self, 1);

        // 2. Cross-attention: each row looks at the whole source.
        if (m->config.has_encoder) {
            y = norm_before(s, x, &layer->cross_norm, n_rows);
            KV *cross = lists_new(s, &s->scratch, &layer->cross, 1);
            attention_store(s, &layer->cross, cross, source->values, source->rows, source->n_rows);
            y = attention_lookup(s, &layer->cross, cross, y, rows, n_rows);
            add_and_norm(s, x, y, &layer->cross_norm, n_rows);
            lists_drop(cross, 1);
        }

        // 3. Feed-forward: each row by itself.
        y = norm_before(s, x, &layer->ff_norm, n_rows);
        y = feed_forward(s, layer, y, n_rows);
        add_and_norm(s, x, y, &layer->ff_norm, n_rows);
    }
    s->decoder_rows += n_rows;
    const float *y = final_norm(s, x, decoder, n_rows);
    trace(s, decoder->hidden_name, decoder->n_layers, n_rows, D, y);
    return lm_head(s, &m->weights, y, rows, n_rows);
}

Input input_of(const Model *m, const int *ids, int n)
{
    if (m->config.has_encoder) return (Input){ids, &m->ids.start, n, 1};
    return (Input){NULL, ids, 0, n};
}

Encoded encode_input(State *s, const Model *m, Arena *memory, const Input *input)
{
    if (!input->n_source) return (Encoded){0};
    Row *rows = arena_alloc(memory, input->n_source, sizeof *rows);
    rows_of_text(rows, input->source, input->n_source, 0);
    return encoder_forward(s, m, memory, rows, input->n_source, 1);
}

float *teacher_force(State *s, const Model *m, Arena *memory, const Input *input, const int *target, int T)
{
    const Encoded source = encode_input(s, m, memory, input);
    const int P = input->n_prompt, n = P + T - 1;
    int *tokens = arena_alloc(memory, P + T, sizeof *tokens);
    Row *rows = arena_alloc(memory, n, sizeof *rows);
    memcpy(tokens, input->prompt, P * sizeof *tokens);
    memcpy(tokens + P, target, T * sizeof *tokens);
    rows_of_text(rows, tokens, n, T);
    float *logits = arena_floats(memory, T, m->config.vocab);
    memcpy(logits, decoder_forward(s, m, rows, n, &source), sizeof *logits * T * m->config.vocab);
    return logits;
}
