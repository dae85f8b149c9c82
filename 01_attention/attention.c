// SPDX-License-Identifier: MIT
// attention.c -- the idea that all stages share. Begin with attend(); what it calls:
//   kv_scores, kv_mix   dot products with n keys, weighted sum of n values (tensor/kv.h)
//   softmax             turns scores into weights that sum to 1 (tensor/tensor.h)
// Its argument `a` holds the numbers that belong to one attention of one layer (files/model.h).
#include "attention.h"

// score_hk += bias of head h for the distance from this row's position to key k. Far away, all distances are one.
static void add_relative_bias(float *scores, const Attention *a, int position, int n_keys)
{
    for (int h = 0; h < a->n_heads; h++)
        for (int k = 0; k < n_keys; k++) {
            int distance = k - position;
            if (distance < -a->reach) distance = -a->reach;
            if (distance > a->reach) distance = a->reach;
            scores[(size_t)h * n_keys + k] += a->bias[(size_t)h * (2 * a->reach + 1) + a->reach + distance];
        }
}

void attend(float *mixed, float *weights, const float *query, int position, const KV *kv, int n_keys,
            const Attention *a)
{
    const int H = a->n_heads;

    // 1. Scores: how well does the query match each key?    score_hk = query_h . key_hk / sqrt(Dh)
    kv_scores(weights, query, kv, n_keys);
    scale(weights, a->scale, (size_t)H * n_keys);
    if (a->bias) add_relative_bias(weights, a, position, n_keys);

    // 2. Weights: positive, and together 1.                 weight_hk = exp(score_hk) / sum_j exp(score_hj)
    softmax(weights, H, n_keys);

    // 3. Mix: the weighted mean of the values.              mixed_h = sum_k weight_hk value_hk
    kv_mix(mixed, weights, kv, n_keys);
}

KV *lists_new(State *s, Arena *arena, const Attention *a, int n)
{
    KV *lists = arena_alloc(arena, n, sizeof *lists);
    for (int i = 0; i < n; i++) lists[i] = kv_new(&s->pool, a->n_heads, a->head_width);
    return lists;
}

void lists_drop(KV *lists, int n)
{
    for (int i = 0; i < n; i++) kv_drop(&lists[i]);
}

void attention_store(State *s, const Attention *a, KV *lists, const float *x, const Row *rows, int n_rows)
{
    const size_t inner = (size_t)a->n_heads * a->head_width;
    const float *keys = project(s, x, &a->key, n_rows);     // (n_rows, H * Dh)
    const float *values = project(s, x, &a->value, n_rows); // (n_rows, H * Dh)
    for (int i = 0; i < n_rows; i++)
        kv_append(&lists[rows[i].sequence], keys + i * inner, values + i * inner);
    s->key_rows += n_rows;
}

// The loop over rows, split into shares: each has its own space for weights.
typedef struct {
    State *s;
    const Attention *a;
    const KV *lists;
    const Row *rows;
    const float *queries;
    float *mixed, *weights; // (n_rows, H * Dh); (n_shares, H * most_keys)
    int n_rows, n_shares, most_keys;
} Lookup;

static int visible_keys(const Attention *a, const KV *lists, const Row *row)
{
    return a->causal ? row->position + 1 : lists[row->sequence].length;
}

static void lookup_shares(void *context, int first, int last)
{
    const Lookup *c = context;
    const size_t inner = (size_t)c->a->n_heads * c->a->head_width;
    for (int share = first; share < last; share++) {
        float *weights = c->weights + (size_t)share * c->a->n_heads * c->most_keys;
        int from = (int)((long long)c->n_rows * share / c->n_shares);
        int to = (int)((long long)c->n_rows * (share + 1) / c->n_shares);
        for (int i = from; i < to; i++) {
            const Row *row = &c->rows[i];
            int n_keys = visible_keys(c->a, c->lists, row);
            attend(c->mixed + i * inner, weights, c->queries + i * inner, row->position,
                   &c->lists[row->sequence], n_keys, c->a);
            trace(c->s, c->a->name, c->a->layer, c->a->n_heads, n_keys, weights);
        }
    }
}

float *attention_lookup(State *s, const Attention *a, const KV *lists, const float *x, const Row *rows,
                        int n_rows)
{
    Lookup c = {s, a, lists, rows, project(s, x, &a->query, n_rows), NULL, NULL, n_rows, 1, 0};
    if (!s->trace) c.n_shares = n_rows < workers_count(s->workers) ? n_rows : workers_count(s->workers);
    for (int i = 0; i < n_rows; i++) {
        int n_keys = visible_keys(a, lists, &rows[i]);
        if (n_keys > c.most_keys) c.most_keys = n_keys;
    }
    c.mixed = arena_floats(&s->scratch, n_rows, (size_t)a->n_heads * a->head_width);
    c.weights = arena_floats(&s->scratch, (size_t)c.n_shares * a->n_heads, c.most_keys);
    workers_run(s->workers, c.n_shares, lookup_shares, &c);
    return project(s, c.mixed, &a->output, n_rows);
}

void first_attention(State *s, const Stack *stack, const Row *rows, int n_rows)
{
    const Layer *layer = &stack->layers[0];
    arena_reset(&s->scratch);
    const float *x = embed(s, stack, rows, n_rows);                // (n_rows, D)
    const float *y = norm_before(s, x, &layer->self_norm, n_rows); // (n_rows, D)
    KV *list = lists_new(s, &s->scratch, &layer->self, 1);
    attention_store(s, &layer->self, list, y, rows, n_rows);
    attention_lookup(s, &layer->self, list, y, rows, n_rows);
    lists_drop(list, 1);
}
