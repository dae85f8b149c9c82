// SPDX-License-Identifier: MIT
// attention.c -- attention, the operation that every stage builds on. Start reading at attend(). It calls
//   kv_scores   the dot products of a query with n keys          (tensor/kv.h)
//   softmax     turns scores into probabilities that sum to 1    (tensor/tensor.h)
//   kv_mix      the sum of n values, weighted by probabilities   (tensor/kv.h)
// Its argument `a` holds the parameters of one attention of one layer (model/model.h).
//
// Rows do not interact: each has a query and probabilities of its own and only reads the lists of keys and
// values. So rows can be looked up one by one or together, and attention_lookup() divides them among threads
// without locks.
#include "attention.h"

// score_hk += bias of head h for the distance from the row's position to key k (Raffel et al. 2020, 2.1).
// Keys that are more than max_distance away, on either side, count as being that far away; a->bias is indexed
// as model.h says.
static void add_relative_bias(float *scores, const Attention *a, int position, int n_keys)
{
    const int M = a->max_distance;
    const int near = position > M ? position - M : 0; // the first key that is not too far away,
    const int far = position + M + 1 < n_keys ? position + M + 1 : n_keys; // and the first that is, behind it
    for (int h = 0; h < a->n_heads; h++, scores += n_keys) {
        const float *bias = a->bias + (size_t)h * (2 * M + 1) + M; // of distance 0
        for (int k = 0; k < near; k++) scores[k] += bias[-M];
        for (int k = near; k < far; k++) scores[k] += bias[k - position];
        for (int k = far; k < n_keys; k++) scores[k] += bias[M];
    }
}

void attend(float *mixed, float *probabilities, const float *queries, int n_rows, int position, const KV *kv,
            int n_keys, const Attention *a)
{
    const int H = a->n_heads, more = a->causal; // keys that a row sees beyond those of the row before it
    const size_t stride = (size_t)H * (n_keys + (n_rows - 1) * more);

    // 1. Scores: how well does each query match each key?        score_hk = query_h . key_hk / sqrt(Dh)
    float *scores = probabilities; // the same memory: softmax() works in place
    kv_scores(scores, queries, n_rows, kv, n_keys, more);
    for (int r = 0; r < n_rows; r++) {
        scale(scores + r * stride, a->scale, (size_t)H * (n_keys + r * more));
        if (a->bias) add_relative_bias(scores + r * stride, a, position + r, n_keys + r * more);
    }

    // 2. Probabilities: positive, and together 1.                p_hk = exp(score_hk) / sum_j exp(score_hj)
    for (int r = 0; r < n_rows; r++) softmax(probabilities + r * stride, H, n_keys + r * more);

    // 3. Mix: the mean of the values, weighted by them.          mixed_h = sum_k p_hk value_hk
    kv_mix(mixed, probabilities, n_rows, kv, n_keys, more);
}

// Lists are small structs in the arena; blocks come from the pool with the first append.
KV *lists_new(State *s, Arena *arena, const Attention *a, int n)
{
    KV *lists = arena_alloc(arena, n, sizeof *lists);
    for (int i = 0; i < n; i++) lists[i] = kv_new(a->of_encoder ? &s->encoder_pool : &s->pool);
    return lists;
}

void lists_drop(KV *lists, int n)
{
    for (int i = 0; i < n; i++) kv_drop(&lists[i]);
}

// How many rows from the first on follow each other in one list; at most `max`.
static int rows_of_list(const Row *rows, int n_rows, int max)
{
    int n = 1;
    while (n < n_rows && n < max && rows[n].sequence == rows[0].sequence &&
           rows[n].position == rows[0].position + n)
        n++;
    return n;
}

void attention_store(State *s, const Attention *a, KV *lists, const float *x, const Row *rows, int n_rows)
{
    const size_t kv_width = (size_t)a->n_heads * a->head_dim;
    const ArenaMark mark = arena_mark(&s->scratch);
    const float *keys = project(s, x, &a->key, n_rows);     // (n_rows, H * Dh)
    const float *values = project(s, x, &a->value, n_rows); // (n_rows, H * Dh)
    trace_part(s, a->name, "keys", a->layer, n_rows, (int)kv_width, keys);
    trace_part(s, a->name, "values", a->layer, n_rows, (int)kv_width, values);
    for (int i = 0, n; i < n_rows; i += n) {
        n = rows_of_list(rows + i, n_rows - i, n_rows);
        kv_append(&lists[rows[i].sequence], keys + i * kv_width, values + i * kv_width, n);
    }
    s->key_rows += n_rows;
    arena_release(&s->scratch, mark);
}

// How many keys a row sees. The causal mask is this one comparison: a masked key is never visited.
static int visible_keys(const Attention *a, const KV *lists, const Row *row)
{
    return a->causal ? row->position + 1 : lists[row->sequence].length;
}

// The loop over rows as a task for workers. Rows of one list go to attend() together, as they share the
// reading of its keys and values; not too many of them, as each has probabilities to be kept.
enum { MAX_ROWS = 24 };

typedef struct {
    State *s;
    const Attention *a;
    const KV *lists;
    const Row *rows;
    int n_rows;
    const float *queries; // (n_rows, H * Dh)
    float *mixed;         // (n_rows, H * Dh)
    float *probabilities; // (n_parts, of_part)
    size_t of_part;
    int n_parts;
} Lookup;

// Scores or probabilities of n rows, as attend() lays them out.
static void trace_rows(const Lookup *c, const Row *rows, int n, const char *part, const float *values)
{
    const Attention *a = c->a;
    const size_t stride = (size_t)a->n_heads * visible_keys(a, c->lists, &rows[n - 1]);
    for (int r = 0; r < n; r++)
        trace_part(c->s, a->name, part, a->layer, a->n_heads, visible_keys(a, c->lists, &rows[r]),
                   values + r * stride);
}

// Part p takes the groups of rows number p, p + n_parts, ...: later rows of a text see more keys, so
// contiguous parts would not be equal.
static void lookup_part(void *context, int part, int first, int last)
{
    (void)first, (void)last; // part, part + 1
    const Lookup *c = context;
    const Attention *a = c->a;
    const size_t kv_width = (size_t)a->n_heads * a->head_dim;
    float *probabilities = c->probabilities + part * c->of_part;
    for (int i = 0, n, group = 0; i < c->n_rows; i += n, group++) {
        const Row *rows = &c->rows[i];
        n = rows_of_list(rows, c->n_rows - i, MAX_ROWS);
        if (group % c->n_parts != part) continue;
        const float *queries = c->queries + i * kv_width;
        const KV *kv = &c->lists[rows->sequence];
        const int n_keys = visible_keys(a, c->lists, rows);
        if (c->s->trace) { // what attend() begins with
            kv_scores(probabilities, queries, n, kv, n_keys, a->causal);
            trace_rows(c, rows, n, "scores", probabilities);
        }
        attend(c->mixed + i * kv_width, probabilities, queries, n, rows->position, kv, n_keys, a);
        if (c->s->trace) trace_rows(c, rows, n, "probabilities", probabilities);
    }
}

float *attention_lookup(State *s, const Attention *a, const KV *lists, const float *x, const Row *rows,
                        int n_rows)
{
    Workers *workers = s->trace || n_rows == 1 ? NULL : s->workers; // a trace must get the rows in order
    const size_t kv_width = (size_t)a->n_heads * a->head_dim;
    float *y = arena_floats(&s->scratch, n_rows, s->config->d_model);
    const ArenaMark mark = arena_mark(&s->scratch);
    Lookup c = {.s = s, .a = a, .lists = lists, .rows = rows, .n_rows = n_rows};
    c.queries = project(s, x, &a->query, n_rows);
    c.mixed = arena_floats(&s->scratch, n_rows, kv_width);
    trace_part(s, a->name, "queries", a->layer, n_rows, (int)kv_width, c.queries);
    int max_keys = 0; // no row sees more than its list holds
    for (int i = 0; i < n_rows; i++) {
        const int length = lists[rows[i].sequence].length;
        if (length > max_keys) max_keys = length;
    }
    c.of_part = (size_t)(n_rows < MAX_ROWS ? n_rows : MAX_ROWS) * a->n_heads * max_keys;
    c.n_parts = workers_count(workers);
    c.probabilities = arena_floats(&s->scratch, c.n_parts, c.of_part);
    workers_run(workers, c.n_parts, lookup_part, &c);
    project_to(s, y, c.mixed, &a->output, n_rows);
    trace_part(s, a->name, "mixed", a->layer, n_rows, (int)kv_width, c.mixed);
    trace_part(s, a->name, "output", a->layer, n_rows, s->config->d_model, y);
    arena_release(&s->scratch, mark);
    return y;
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
