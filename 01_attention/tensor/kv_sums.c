// SPDX-License-Identifier: MIT
// kv_sums.c -- the two sums of attention over a list of keys and values:
//
//   score_k = sum of query_d key_kd over d,    for a vector of 16 keys k of a block
//   mixed_d = sum of p_k value_kd over k,      for a vector of 16 columns d of a head
//
// Both are the same loop: each term is a number times a vector. tile() is that loop, for several vectors of
// sums side by side, which stay in registers (as in packed.c):
//   one row (a cached step)   vectors of other blocks, heads or columns. An addition has to wait some cycles
//                             for the one before it in the same sum; meanwhile the others go on. Keys and
//                             values are read in the order of memory, which is the limit for long texts
//   rows of a prompt          each vector of keys or values is loaded once for all rows of the tile; and all
//                             tiles use those of a few blocks, while they are in the cache, before the next
//
// No sum is ever split, and its terms are added in order, so the bits do not depend on any of this. A vector
// always has 16 lanes: superfluous ones (keys past the last, columns past those of the head) are computed but
// not stored.
#include "tensor/elementary.h"
#include "tensor/kv_block.h"
#include "tensor/loops.h"
#include <assert.h>
#include <string.h>

enum { LANES = KV_BLOCK };
#if defined __AVX512F__
enum { ONE_ROW = 4, MAX_ROWS = 6, MAX_VECTORS = 2 }; // a vector of sums is one of 32 registers
#elif defined __FMA__ || defined __ARM_FEATURE_FMA
enum { ONE_ROW = 4, MAX_ROWS = 6, MAX_VECTORS = 1 }; // AVX2: two of 16
#else
enum { ONE_ROW = 2, MAX_ROWS = 3, MAX_VECTORS = 1 }; // SSE2: four of 16
#endif
enum { MAX_SUMS = 12, KEYS = 4 * KV_BLOCK }; // KEYS are mixed together: their values fit the second cache
#define EACH_ROW    UNROLL for (int r = 0; r < rows; r++)
#define EACH_VECTOR UNROLL for (int v = 0; v < vectors; v++)
#define EACH_LANE   VECTOR for (int j = 0; j < LANES; j++)

// One vector of sums of a tile, for the tile's first row.
typedef struct {
    const float *factors;   // what the vectors are multiplied by: (Dh) of a query, or (n_keys) probabilities
    KVBlock *const *blocks; // of keys or values,
    size_t first;           // with the word in a block where the vector for its first term begins,
    size_t first_scale;     // and of KV_INT8 the scale of its first number
    float *sums;            // where they begin (unless at 0), and where the first n go (all if n > 16)
    int n;
} Chain;

// What all vectors of sums of a tile have in common, and how its rows follow each other.
typedef struct {
    KVType type;
    int from, to;       // terms
    int per_block;      // terms of which the vectors are in one block
    size_t step;        // words from one vector of terms to the next
    size_t next_factor; // floats from a row's factors to those of the next row
    size_t next_sums;   // the same for sums
    int more;           // sums that a row has beyond those of the row before
    int last_block;     // to read ahead: the last one that will be needed
    bool from_zero;     // sums begin at 0
} Loop;

// The first n of the 16 lanes (all if n > 16).
static void copy_lanes(float *to, const float *from, int n)
{
    if (n >= LANES) memcpy(to, from, LANES * sizeof *to);
    else
        for (int j = 0; j < n; j++) to[j] = from[j];
}

// Always inlined: the last four are literals in every call. Chains of several rows belong to one head, so
// they have the same factors. Of KV_INT8 the scale of a key is that of a lane, and that of a value of a term.
// One row of values: meanwhile the vectors of the next KEYS are fetched.
INLINE void tile(const Chain *chain, const Loop *loop, const int rows, const int vectors, const bool values,
                 const KVType type)
{
    float sum[MAX_SUMS][LANES], copy[MAX_SUMS][LANES]; // copies have addresses, so that sums need none
    const float *factors[MAX_SUMS], *scales[MAX_SUMS] = {NULL};
    const uint32_t *at[MAX_SUMS], *soon[MAX_SUMS];
    const size_t step = loop->step, next_factor = loop->next_factor;
    const int per = kv_per_word(type);
    const bool read_ahead = values && rows == 1;
    (void)soon; // where PREFETCH is empty
    if (loop->from_zero) {
        EACH_ROW EACH_VECTOR EACH_LANE sum[r * vectors + v][j] = 0;
    } else {
        for (int r = 0; r < rows; r++)
            EACH_VECTOR copy_lanes(copy[r * vectors + v], chain[v].sums + r * loop->next_sums,
                                   chain[v].n + r * loop->more);
        EACH_ROW EACH_VECTOR EACH_LANE sum[r * vectors + v][j] = copy[r * vectors + v][j];
    }
    EACH_VECTOR factors[v] = chain[v].factors;
    for (int i = loop->from; i < loop->to;) {
        const int block = i / loop->per_block, end = smaller(loop->to, (block + 1) * loop->per_block);
        EACH_VECTOR
        {
            KVBlock *const *blocks = chain[v].blocks;
            at[v] = blocks[block]->words + chain[v].first;
            if (type == KV_INT8) scales[v] = blocks[block]->scales + chain[v].first_scale;
            if (read_ahead)
                soon[v] = blocks[smaller(block + KEYS / KV_BLOCK, loop->last_block)]->words + chain[v].first;
        }
        for (int term = i - block * loop->per_block; i < end; i++, term++) {
            const size_t offset = term / per * step;
            if (read_ahead) EACH_VECTOR PREFETCH(soon[v], offset);
            LANES_AND(EACH_VECTOR EACH_ROW, EACH_LANE)
            sum[r * vectors + v][j] =
                MADD(factors[rows == 1 ? v : 0][r * next_factor + i],
                     kv_number(at[v] + offset + j, term % per, type, scales[v], values ? term : j),
                     sum[r * vectors + v][j]);
        }
    }
    EACH_ROW EACH_VECTOR EACH_LANE copy[r * vectors + v][j] = sum[r * vectors + v][j];
    for (int r = 0; r < rows; r++)
        EACH_VECTOR copy_lanes(chain[v].sums + r * loop->next_sums, copy[r * vectors + v],
                               chain[v].n + r * loop->more);
}

// Select the tile of this size, and for the type and kind of the numbers. An own copy of tile() is compiled
// for each.
INLINE void tile_of(int rows, int vectors, const Chain *chain, const Loop *loop, const bool values,
                    const KVType type)
{
#define SIZE(r, v)                                                                                           \
    case 10 * r + v:                                                                                         \
        if ((r <= MAX_ROWS && v <= MAX_VECTORS) || (r == 1 && v == ONE_ROW))                                 \
            tile(chain, loop, r, v, values, type);                                                           \
        break;
#define SIZES(v) SIZE(1, v) SIZE(2, v) SIZE(3, v) SIZE(4, v) SIZE(5, v) SIZE(6, v)
    switch (10 * rows + vectors) {
        SIZES(1) SIZES(2) SIZE(1, 4)
    }
}

// The sums of a tile: of keys (scores) or values (mixes).
static void sum_tile(int rows, int vectors, const Chain *chain, const Loop *loop, bool values)
{
#define OF_TYPE(type)                                                                                        \
    case 2 * type: tile_of(rows, vectors, chain, loop, false, type); break;                                  \
    case 2 * type + 1: tile_of(rows, vectors, chain, loop, true, type); break;
    switch (2 * loop->type + values) {
        OF_TYPE(KV_F32) OF_TYPE(KV_F16) OF_TYPE(KV_INT8)
    }
}

// ---- scores -----------------------------------------------------------------------------------------------

// There are always ONE_ROW vectors: at the end the last one is repeated.
static void scores_of_row(float *scores, const float *query, const KV *kv, int n_keys)
{
    const int H = kv->pool->n_heads, Dh = kv->pool->head_dim, blocks = kv_blocks(n_keys);
    const Loop loop = {.type = kv->pool->type, .to = Dh, .per_block = Dh, .step = LANES, .from_zero = true};
    for (int first = 0; first < blocks; first += ONE_ROW) {
        const int in_group = smaller(blocks - first, ONE_ROW), n = H * in_group;
        for (int i = 0; i < n; i += ONE_ROW) {
            Chain chain[ONE_ROW];
            for (int c = 0; c < ONE_ROW; c++) {
                const int number = smaller(i + c, n - 1);
                const int h = number / in_group, b = first + number % in_group;
                chain[c] = (Chain){.factors = query + h * Dh,
                                   .blocks = kv->blocks + b,
                                   .first = kv_keys_at(kv->pool, h),
                                   .first_scale = (size_t)h * KV_BLOCK,
                                   .sums = scores + (size_t)h * n_keys + b * KV_BLOCK,
                                   .n = n_keys - b * KV_BLOCK};
            }
            sum_tile(1, ONE_ROW, chain, &loop, false);
        }
    }
}

static void scores_of_rows(float *scores, const float *queries, int n_rows, const KV *kv, int n_keys,
                           int more)
{
    const int H = kv->pool->n_heads, Dh = kv->pool->head_dim, most = n_keys + (n_rows - 1) * more;
    const size_t kv_width = (size_t)H * Dh, stride = (size_t)H * most;
    for (int b = 0, vectors; b < kv_blocks(most); b += vectors)
        for (int h = 0; h < H; h++) {
            const Loop loop = {.type = kv->pool->type,
                               .to = Dh,
                               .per_block = Dh,
                               .step = LANES,
                               .next_factor = kv_width,
                               .next_sums = stride + h * more,
                               .more = more,
                               .from_zero = true};
            vectors = smaller(kv_blocks(most) - b, MAX_VECTORS);
            for (int row = 0, rows; row < n_rows; row += rows) {
                rows = even_size(n_rows - row, MAX_ROWS);
                const int sees = n_keys + row * more;
                if (b * KV_BLOCK >= sees + (rows - 1) * more) continue; // none of them sees these keys
                Chain chain[MAX_VECTORS];
                for (int v = 0; v < vectors; v++)
                    chain[v] = (Chain){.factors = queries + row * kv_width + h * Dh,
                                       .blocks = kv->blocks + b + v,
                                       .first = kv_keys_at(kv->pool, h),
                                       .first_scale = (size_t)h * KV_BLOCK,
                                       .sums = scores + row * stride + (size_t)h * sees + (b + v) * KV_BLOCK,
                                       .n = sees - (b + v) * KV_BLOCK};
                sum_tile(rows, vectors, chain, &loop, false);
            }
        }
}

void kv_scores(float *scores, const float *queries, int n_rows, const KV *kv, int n_keys, int more)
{
    assert(n_rows > 0 && n_keys + (n_rows - 1) * more <= kv->length);
    if (n_rows == 1) scores_of_row(scores, queries, kv, n_keys);
    else scores_of_rows(scores, queries, n_rows, kv, n_keys, more);
}

// ---- mix --------------------------------------------------------------------------------------------------

// The first scale of a head's values: behind those of all keys.
static size_t value_scales_at(const KV *kv, int h) { return (size_t)KV_BLOCK * (kv->pool->n_heads + h); }

// Some keys after the other; meanwhile the sums wait in `mixed`.
static void mix_of_row(float *mixed, const float *probabilities, const KV *kv, int n_keys)
{
    const int Dh = kv->pool->head_dim, per_head = ceil_div(Dh, LANES), n = kv->pool->n_heads * per_head;
    for (int from = 0; from < n_keys; from += KEYS) {
        const Loop loop = {.type = kv->pool->type,
                           .from = from,
                           .to = smaller(n_keys, from + KEYS),
                           .per_block = KV_BLOCK,
                           .step = Dh,
                           .last_block = kv_blocks(n_keys) - 1};
        for (int i = 0; i < n; i += ONE_ROW) {
            Chain chain[ONE_ROW];
            for (int c = 0; c < ONE_ROW; c++) {
                const int number = smaller(i + c, n - 1), h = number / per_head,
                          d = number % per_head * LANES;
                chain[c] = (Chain){.factors = probabilities + (size_t)h * n_keys,
                                   .blocks = kv->blocks,
                                   .first = kv_values_at(kv->pool, h) + d,
                                   .first_scale = value_scales_at(kv, h),
                                   .sums = mixed + h * Dh + d,
                                   .n = Dh - d};
            }
            sum_tile(1, ONE_ROW, chain, &loop, true);
        }
    }
}

// Add the values from .. to-1 of one head to rows of `mixed`; probabilities p (rows, n_keys), p_stride apart.
static void mix_values(float *mixed, const float *p, size_t p_stride, int rows, const KV *kv, int h, int from,
                       int to)
{
    const Loop loop = {.type = kv->pool->type,
                       .from = from,
                       .to = to,
                       .per_block = KV_BLOCK,
                       .step = kv->pool->head_dim,
                       .next_factor = p_stride,
                       .next_sums = (size_t)kv->pool->n_heads * kv->pool->head_dim};
    for (int d = 0, vectors; d < kv->pool->head_dim; d += vectors * LANES) {
        Chain chain[MAX_VECTORS];
        vectors = smaller(ceil_div(kv->pool->head_dim - d, LANES), MAX_VECTORS);
        for (int v = 0; v < vectors; v++)
            chain[v] = (Chain){.factors = p,
                               .blocks = kv->blocks,
                               .first = kv_values_at(kv->pool, h) + d + v * LANES,
                               .first_scale = value_scales_at(kv, h),
                               .sums = mixed + d + v * LANES,
                               .n = kv->pool->head_dim - d - v * LANES};
        sum_tile(rows, vectors, chain, &loop, true);
    }
}

// Of the keys from .. to-1, those that all rows of a tile see come first, and then each row's last ones.
static void mix_of_rows(float *mixed, const float *probabilities, int n_rows, const KV *kv, int n_keys,
                        int more)
{
    const int H = kv->pool->n_heads, Dh = kv->pool->head_dim, most = n_keys + (n_rows - 1) * more;
    const size_t kv_width = (size_t)H * Dh, stride = (size_t)H * most;
    for (int from = 0; from < most; from += KEYS)
        for (int h = 0; h < H; h++)
            for (int row = 0, rows; row < n_rows; row += rows) {
                rows = even_size(n_rows - row, MAX_ROWS);
                const int common = n_keys + row * more; // keys that all of them see
                const float *p = probabilities + row * stride + (size_t)h * common;
                const size_t p_stride = stride + h * more;
                float *out = mixed + row * kv_width + h * Dh;
                if (from < common)
                    mix_values(out, p, p_stride, rows, kv, h, from, smaller(common, from + KEYS));
                for (int r = 1; r < rows; r++) {
                    const int begin = from > common ? from : common,
                              end = smaller(common + r * more, from + KEYS);
                    if (begin < end)
                        mix_values(out + r * kv_width, p + r * p_stride, 0, 1, kv, h, begin, end);
                }
            }
}

void kv_mix(float *mixed, const float *probabilities, int n_rows, const KV *kv, int n_keys, int more)
{
    assert(n_rows > 0 && n_keys + (n_rows - 1) * more <= kv->length);
    memset(mixed, 0, (size_t)n_rows * kv->pool->n_heads * kv->pool->head_dim * sizeof *mixed);
    if (n_rows == 1) mix_of_row(mixed, probabilities, kv, n_keys);
    else mix_of_rows(mixed, probabilities, n_rows, kv, n_keys, more);
}
