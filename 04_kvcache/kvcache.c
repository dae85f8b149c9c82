// SPDX-License-Identifier: MIT
// kvcache.c -- the loop of 02_decoder/decoder.c for the new rows only. New lines are marked.
#include "kvcache.h"
#include <assert.h>
#include <limits.h>

KVCache kvcache_new(State *s, const Model *m, int n_slots, int limit)
{
    const Stack *decoder = &m->weights.decoder;
    KVCache c = {.model = m, .n_slots = n_slots, .limit = limit ? limit : m->config.max_positions};
    if (!c.limit) c.limit = INT_MAX;
    c.self = arena_alloc(&c.memory, decoder->n_layers, sizeof *c.self);
    c.cross = arena_alloc(&c.memory, decoder->n_layers, sizeof *c.cross);
    c.next = arena_alloc(&c.memory, n_slots, sizeof *c.next);
    c.again = lists_new(s, &c.memory, &decoder->layers[0].self, n_slots);
    c.rows = arena_alloc(&c.memory, 1, sizeof *c.rows);
    *c.rows = kv_pool(KV_ROWS, 1, m->config.d_model);
    for (int l = 0; l < decoder->n_layers; l++) {
        const Layer *layer = &decoder->layers[l];
        c.self[l] = lists_new(s, &c.memory, &layer->self, n_slots);
        c.cross[l] = m->config.has_encoder ? lists_new(s, &c.memory, &layer->cross, n_slots) : NULL;
    }
    return c;
}

void kvcache_free(KVCache *c)
{
    for (int slot = 0; slot < c->n_slots; slot++) kvcache_reset(c, slot);
    kv_pool_free(c->rows);
    arena_free(&c->memory);
}

void kvcache_keep_rows(KVCache *c, int layer)
{
    for (int slot = 0; slot < c->n_slots; slot++) {
        assert(kvcache_length(c, slot) == 0 && c->self[layer][slot].pool->type == KV_F32);
        c->self[layer][slot] = kv_new(c->rows);
    }
}

int kvcache_length(const KVCache *c, int slot) { return c->self[0][slot].length; }

bool kvcache_has_source(const KVCache *c, int slot) { return !c->cross[0] || c->cross[0][slot].length > 0; }

void kvcache_reset(KVCache *c, int slot)
{
    for (int l = 0; l < c->model->weights.decoder.n_layers; l++) {
        kv_drop(&c->self[l][slot]);
        if (c->cross[l]) kv_drop(&c->cross[l][slot]);
    }
    kv_drop(&c->again[slot]);
}

void kvcache_read_sources(State *s, const Model *m, KVCache *c, const Row *rows, int n_rows)
{
    if (!n_rows) return;
    Arena memory = {0};
    const Encoded source = encoder_forward(s, m, &memory, rows, n_rows, c->n_slots);
    for (int l = 0; l < m->weights.decoder.n_layers; l++)
        attention_store(s, &m->weights.decoder.layers[l].cross, c->cross[l], source.values, rows, n_rows);
    arena_free(&memory);
}

void kvcache_read_source(State *s, const Model *m, KVCache *c, int slot, const Input *input)
{
    Arena memory = {0};
    Row *rows = arena_alloc(&memory, input->n_source, sizeof *rows);
    rows_of_text(rows, input->source, input->n_source, 0);
    for (int i = 0; i < input->n_source; i++) rows[i].sequence = slot;
    kvcache_read_sources(s, m, c, rows, input->n_source);
    arena_free(&memory);
}

void kvcache_truncate(KVCache *c, int slot, int length)
{
    for (int l = 0; l < c->model->weights.decoder.n_layers; l++) kv_truncate(&c->self[l][slot], length);
}

void kvcache_fork(KVCache *c, int to, int from, int length)
{
    for (int l = 0; l < c->model->weights.decoder.n_layers; l++) {
        kv_share(&c->self[l][to], &c->self[l][from]);
        if (c->cross[l]) kv_share(&c->cross[l][to], &c->cross[l][from]);
    }
    kvcache_truncate(c, to, length);
}

void kvcache_rows(const KVCache *c, Row *rows, int slot, const int *tokens, int n, int n_wanted)
{
    assert(n <= c->limit - kvcache_length(c, slot));
    rows_of_text(rows, tokens, n, n_wanted);
    for (int i = 0; i < n; i++) {
        rows[i].position += kvcache_length(c, slot);
        rows[i].sequence = slot;
    }
}

// Keys and values of all rows before the new ones, from the input rows that are kept.
static KV *compute_again(State *s, KVCache *c, int l, const Row *rows, int n_rows)
{
    const Attention *a = &c->model->weights.decoder.layers[l].self;
    const ArenaMark mark = arena_mark(&s->scratch);
    lists_drop(c->again, c->n_slots); // of another layer
    for (int i = 0; i < n_rows; i++) {
        const int slot = rows[i].sequence, n = c->self[l][slot].length;
        if (rows[i].position != n) continue; // not the first of its slot
        float *x = arena_floats(&s->scratch, n, c->model->config.d_model);
        Row *earlier = arena_alloc(&s->scratch, n, sizeof *earlier);
        for (int k = 0; k < n; k++) earlier[k] = (Row){.position = k, .sequence = slot};
        kv_read_rows(x, &c->self[l][slot]);
        attention_store(s, a, c->again, x, earlier, n);
        arena_release(&s->scratch, mark);
    }
    return c->again;
}

KV *kvcache_self(State *s, KVCache *c, int l, const float *x, const Row *rows, int n_rows)
{
    KV *kept = c->self[l];
    if (kept->pool->type != KV_ROWS) return kept;
    KV *lists = compute_again(s, c, l, rows, n_rows);
    for (int i = 0; i < n_rows; i++)
        kv_append(&kept[rows[i].sequence], NULL, x + (size_t)i * c->model->config.d_model, 1);
    return lists;
}

float *kvcache_forward(State *s, const Model *m, KVCache *cache, const Row *rows, int n_rows) // NEW in 04
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
        KV *self = kvcache_self(s, cache, l, y, rows, n_rows); // NEW in 04: has the rows before already
        attention_store(s, &layer->self, self, y, rows, n_rows);
        y = attention_lookup(s, &layer->self, self, y, rows, n_rows);
        add_and_norm(s, x, y, &layer->self_norm, n_rows);

        // 2. Cross-attention: each row looks at the whole source.
        if (m->config.has_encoder) {
            y = norm_before(s, x, &layer->cross_norm, n_rows);
            KV *cross = cache->cross[l]; // NEW in 04: and so is the source
            y = attention_lookup(s, &layer->cross, cross, y, rows, n_rows);
            add_and_norm(s, x, y, &layer->cross_norm, n_rows);
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

void kvcache_reorder(KVCache *cache, int first, int n, const int *parents)
{
    for (int l = 0; l < cache->model->weights.decoder.n_layers; l++) {
        KV *lists = cache->self[l] + first, *next = cache->next; // cross-attention: all have the same source
        for (int b = 0; b < n; b++) {
            next[b] = kv_new(lists->pool);
            if (cache->reorder == REORDER_COPY) kv_copy(&next[b], &lists[parents[b]]);
            else kv_share(&next[b], &lists[parents[b]]);
        }
        for (int b = 0; b < n; b++) {
            kv_drop(&lists[b]);
            lists[b] = next[b];
        }
    }
}

size_t kvcache_bytes(const KVCache *c, int slot)
{
    size_t bytes = 0;
    for (int l = 0; l < c->model->weights.decoder.n_layers; l++) bytes += kv_bytes(&c->self[l][slot]);
    return bytes;
}

size_t kvcache_cross_bytes(const KVCache *c, int slot)
{
    size_t bytes = 0;
    for (int l = 0; l < c->model->weights.decoder.n_layers && c->cross[l]; l++)
        bytes += kv_bytes(&c->cross[l][slot]);
    return bytes;
}
