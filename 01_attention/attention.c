// SPDX-License-Identifier: MIT
// attention.c -- attention, the operation that every stage builds on. Start reading at attend(). It calls
//   kv_scores   the dot products of a query with n keys          (tensor/kv.h)
//   softmax     turns scores into probabilities that sum to 1    (tensor/tensor.h)
//   kv_mix      the sum of n values, weighted by probabilities   (tensor/kv.h)
// Its argument `a` holds the parameters of one attention of one layer (model/model.h).
//
// Rows do not interact: each has a query and probabilities of its own and only reads the lists of keys and
// values. So attention_lookup() divides the rows among threads without locks.
#include "attention.h"

// score_hk += bias of head h for the distance from the row's position to key k (Raffel et al. 2020, 2.1).
// Distances are limited to max_distance in both directions; a->bias is indexed as model.h says.
static void add_relative_bias(float *scores, const Attention *a, int position, int n_keys)
{
    for (int h = 0; h < a->n_heads; h++)
        for (int k = 0; k < n_keys; k++) {
            int distance = k - position;
            if (distance < -a->max_distance) distance = -a->max_distance;
            if (distance > a->max_distance) distance = a->max_distance;
            scores[(size_t)h * n_keys + k] +=
                a->bias[(size_t)h * (2 * a->max_distance + 1) + a->max_distance + distance];
        }
}

void attend(float *mixed, float *probabilities, const float *query, int position, const KV *kv, int n_keys,
            const Attention *a)
{
    const int H = a->n_heads;

    // 1. Scores: how well does the query match each key?         score_hk = query_h . key_hk / sqrt(Dh)
    float *scores = probabilities; // the same memory: softmax() works in place
    kv_scores(scores, query, kv, n_keys);
    scale(scores, a->scale, (size_t)H * n_keys);
    if (a->bias) add_relative_bias(scores, a, position, n_keys);

    // 2. Probabilities: positive, and together 1.                p_hk = exp(score_hk) / sum_j exp(score_hj)
    softmax(probabilities, H, n_keys);

    // 3. Mix: the mean of the values, weighted by them.          mixed_h = sum_k p_hk value_hk
    kv_mix(mixed, probabilities, kv, n_keys);
}

// Lists are small structs in the arena; blocks come from the pool with the first append.
KV *lists_new(State *s, Arena *arena, const Attention *a, int n)
{
    KV *lists = arena_alloc(arena, n, sizeof *lists);
    for (int i = 0; i < n; i++) lists[i] = kv_new(&s->pool, a->n_heads, a->head_dim);
    return lists;
}

void lists_drop(KV *lists, int n)
{
    for (int i = 0; i < n; i++) kv_drop(&lists[i]);
}

void attention_store(State *s, const Attention *a, KV *lists, const float *x, const Row *rows, int n_rows)
{
    const size_t kv_width = (size_t)a->n_heads * a->head_dim;
    const float *keys = project(s, x, &a->key, n_rows);     // (n_rows, H * Dh)
    const float *values = project(s, x, &a->value, n_rows); // (n_rows, H * Dh)
    for (int i = 0; i < n_rows; i++)
        kv_append(&lists[rows[i].sequence], keys + i * kv_width, values + i * kv_width);
    s->key_rows += n_rows;
}

// How many keys a row sees. The causal mask is this one comparison: a masked key is never visited.
static int visible_keys(const Attention *a, const KV *lists, const Row *row)
{
    return a->causal ? row->position + 1 : lists[row->sequence].length;
}

// The loop over rows as a task for workers. Each part has probabilities of its own to write to.
typedef struct {
    State *s;
    const Attention *a;
    const KV *lists;
    const Row *rows;
    const float *queries; // (n_rows, H * Dh)
    float *mixed;         // (n_rows, H * Dh)
    float *probabilities; // (parts, H, max_keys)
    int max_keys;
} Lookup;

static void lookup_rows(void *context, int part, int first, int last)
{
    const Lookup *c = context;
    const Attention *a = c->a;
    const size_t kv_width = (size_t)a->n_heads * a->head_dim;
    float *probabilities = c->probabilities + (size_t)part * a->n_heads * c->max_keys;
    for (int i = first; i < last; i++) {
        const Row *row = &c->rows[i];
        const int n_keys = visible_keys(a, c->lists, row);
        attend(c->mixed + i * kv_width, probabilities, c->queries + i * kv_width, row->position,
               &c->lists[row->sequence], n_keys, a);
        trace(c->s, a->name, a->layer, a->n_heads, n_keys, probabilities);
    }
}

float *attention_lookup(State *s, const Attention *a, const KV *lists, const float *x, const Row *rows,
                        int n_rows)
{
    Workers *workers = s->trace ? NULL : s->workers; // a trace must get the rows in order: one thread
    Lookup c = {.s = s, .a = a, .lists = lists, .rows = rows, .queries = project(s, x, &a->query, n_rows)};
    for (int i = 0; i < n_rows; i++) {
        const int n_keys = visible_keys(a, lists, &rows[i]);
        if (n_keys > c.max_keys) c.max_keys = n_keys;
    }
    c.mixed = arena_floats(&s->scratch, n_rows, (size_t)a->n_heads * a->head_dim);
    c.probabilities = arena_floats(&s->scratch, (size_t)workers_count(workers) * a->n_heads, c.max_keys);
    workers_run(workers, n_rows, lookup_rows, &c);
    return project(s, c.mixed, &a->output, n_rows);
}

// The first steps of a forward pass, as in stage 02's loop over the layers.
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
