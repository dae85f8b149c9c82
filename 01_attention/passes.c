// SPDX-License-Identifier: MIT
// passes.c -- embedding, linear projections, norms, the feed-forward sublayer and the output projection.
//
// A pass is a few calls of row operations (tensor/tensor.h) with the numbers of one layer. What differs
// between families of models is read from Config: the kind of norm and whether it comes before the sublayer
// or after the residual, gated or plain feed-forward, the scale of embeddings and of the output.
// Results are allocated in s->scratch, which no pass resets: a forward function does that when it begins.
// What a pass needs for itself comes after its result in scratch, and is released.
#include "passes.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

State state_new(const Model *model, int n_threads)
{
    const Config *c = &model->config;
    return (State){.config = c,
                   .pool = kv_pool(KV_F32, c->decoder.n_heads, c->decoder.head_dim),
                   .encoder_pool = kv_pool(KV_F32, c->encoder.n_heads, c->encoder.head_dim),
                   .workers = workers_new(n_threads)};
}

void state_free(State *s)
{
    workers_free(s->workers);
    kv_pool_free(&s->pool);
    kv_pool_free(&s->encoder_pool);
    arena_free(&s->scratch);
}

void rows_of_text(Row *rows, const int *tokens, int n, int n_wanted)
{
    for (int i = 0; i < n; i++)
        rows[i] = (Row){.token = tokens[i], .position = i, .wanted = i >= n - n_wanted};
}

// Without a table of positions (relative positions), the token's embedding is all.
float *embed(State *s, const Stack *stack, const Row *rows, int n_rows)
{
    const int D = s->config->d_model;
    const float factor = s->config->embedding_scale;
    float *x = arena_floats(&s->scratch, n_rows, D);
    for (int i = 0; i < n_rows; i++) {
        float *token = x + (size_t)i * D;
        const float *position = stack->positions ? stack->positions + (size_t)rows[i].position * D : NULL;
        assert(!position || rows[i].position < s->config->max_positions);
        matrix_row(token, &stack->embedding, rows[i].token);
        for (int d = 0; d < D; d++) token[d] = token[d] * factor + (position ? position[d] : 0);
    }
    return x;
}

void project_to(State *s, float *y, const float *x, const Linear *linear, int n_rows)
{
    matmul(y, x, &linear->weight, linear->bias, n_rows, s->workers);
}

float *project(State *s, const float *x, const Linear *linear, int n_rows)
{
    float *y = arena_floats(&s->scratch, n_rows, linear->weight.n_out);
    project_to(s, y, x, linear, n_rows);
    return y;
}

// y and x (n_rows, D); they may be the same.
static void normalize(const Config *c, float *y, const float *x, const Norm *norm, int n_rows)
{
    if (c->norm == LAYER_NORM)
        layer_norm(y, x, norm->weight, norm->bias, c->norm_epsilon, n_rows, c->d_model);
    else rms_norm(y, x, norm->weight, c->norm_epsilon, n_rows, c->d_model);
}

const float *norm_before(State *s, const float *x, const Norm *norm, int n_rows)
{
    if (!s->config->pre_norm) return x;
    float *y = arena_floats(&s->scratch, n_rows, s->config->d_model);
    normalize(s->config, y, x, norm, n_rows);
    return y;
}

void add_and_norm(State *s, float *x, const float *y, const Norm *norm, int n_rows)
{
    add(x, y, (size_t)n_rows * s->config->d_model);
    if (!s->config->pre_norm) normalize(s->config, x, x, norm, n_rows);
}

const float *final_norm(State *s, const float *x, const Stack *stack, int n_rows)
{
    if (!s->config->final_norm) return x;
    float *y = arena_floats(&s->scratch, n_rows, s->config->d_model);
    normalize(s->config, y, x, &stack->final_norm, n_rows);
    return y;
}

// Gated: ff_in is activated and then multiplied by ff_gate, which is not (wi_0 and wi_1 of T5).
float *feed_forward(State *s, const Layer *layer, const float *x, int n_rows)
{
    float *y = arena_floats(&s->scratch, n_rows, s->config->d_model);
    const ArenaMark mark = arena_mark(&s->scratch);
    float *hidden = project(s, x, &layer->ff_in, n_rows); // (n_rows, F)
    const size_t n = (size_t)n_rows * layer->ff_in.weight.n_out;
    activate(hidden, n, s->config->activation);
    if (s->config->gated) multiply(hidden, project(s, x, &layer->ff_gate, n_rows), n);
    trace_part(s, layer->ff_name, "hidden", layer->self.layer, n_rows, layer->ff_in.weight.n_out, hidden);
    project_to(s, y, hidden, &layer->ff_out, n_rows);
    trace_part(s, layer->ff_name, "output", layer->self.layer, n_rows, s->config->d_model, y);
    arena_release(&s->scratch, mark);
    return y;
}

// Gathers the wanted rows first: with V outputs this is the largest product of a small model.
float *lm_head(State *s, const Weights *weights, const float *x, const Row *rows, int n_rows)
{
    const size_t D = s->config->d_model;
    float *wanted = arena_floats(&s->scratch, n_rows, D);
    int n = 0;
    for (int i = 0; i < n_rows; i++)
        if (rows[i].wanted) memcpy(wanted + n++ * D, x + i * D, D * sizeof *x);
    if (s->config->output_scale != 1) scale(wanted, s->config->output_scale, n * D);
    float *logits = project(s, wanted, &weights->lm_head, n);
    trace(s, "logits", 0, n, s->config->vocab, logits);
    return logits;
}

void trace(const State *s, const char *name, int layer, int rows, int columns, const float *values)
{
    if (s->trace) s->trace(s->trace_user, name, layer, rows, columns, values);
}

void trace_part(const State *s, const char *name, const char *part, int layer, int rows, int columns,
                const float *values)
{
    char full[64];
    if (!s->trace) return;
    snprintf(full, sizeof full, "%s.%s", name, part);
    trace(s, full, layer, rows, columns, values);
}
