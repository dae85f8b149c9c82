// SPDX-License-Identifier: MIT
// kv_sums.c -- the two sums of attention over a list of keys and values: scores, and mixes of values.
//
//   score_k = query . key_k, one sum over d for each key           lanes of a vector: 16 keys of a block
//   mixed_d = sum of p_k value_kd over all k, one for each column  lanes of a vector: 16 columns of a head
//
// One row (a cached step) is limited by latency: each addition waits several cycles for the one before. So
// CHAINS independent vectors of sums run side by side, each for another head, block or group of columns.
// Several rows (a prompt, a source) are limited by loads: as in packed.c, a tile of rows times vectors of sums
// uses each loaded vector for all rows. All tiles use some keys or values before the next ones are fetched.
//
// No sum is ever split, so the bits do not depend on any of this. A vector always has 16 lanes: superfluous
// ones (keys past the last, columns past those of the head) are computed but not stored.
#include "tensor/elementary.h"
#include "tensor/kv_block.h"
#include "tensor/loops.h"
#include <assert.h>
#include <string.h>

enum { LANES = KV_BLOCK };
#if defined __AVX512F__
enum { CHAINS = 4, MAX_ROWS = 6, MAX_VECTORS = 2 }; // a vector is one of 32 registers
#elif defined __FMA__ || defined __ARM_FEATURE_FMA
enum { CHAINS = 4, MAX_ROWS = 6, MAX_VECTORS = 1 }; // AVX2: two of 16
#else
enum { CHAINS = 2, MAX_ROWS = 3, MAX_VECTORS = 1 }; // SSE2: four of 16
#endif
#define EACH_CHAIN  UNROLL for (int c = 0; c < CHAINS; c++)
#define EACH_ROW    UNROLL for (int r = 0; r < rows; r++)
#define EACH_VECTOR UNROLL for (int v = 0; v < vectors; v++)
#define EACH_LANE   VECTOR for (int j = 0; j < LANES; j++)

static int at_most(int n, int max) { return n < max ? n : max; }

// The first n of the 16 lanes (all if n > 16).
static void copy_lanes(float *to, const float *from, int n)
{
    if (n >= LANES) memcpy(to, from, LANES * sizeof *to);
    else
        for (int j = 0; j < n; j++) to[j] = from[j];
}

// ---- one row ----------------------------------------------------------------------------------------------

typedef struct {
    const float *factors; // a head's query (Dh), or its probabilities (n_keys)
    size_t first;         // offset of the first vector in a block's keys or values
    KVBlock *const *blocks;
    float *to; // result: the first n of the 16 sums (all if n > 16)
    int n;
} Chain;

// sum_j = query . key_j for the 16 keys j of a block: over d, a scalar times a vector of keys.
static void run_scores(const Chain *chain, int Dh)
{
    float sum[CHAINS][LANES], out[CHAINS][LANES];
    const float *query[CHAINS], *keys[CHAINS];
    for (int c = 0; c < CHAINS; c++)
        query[c] = chain[c].factors, keys[c] = chain[c].blocks[0]->keys + chain[c].first;
    EACH_CHAIN EACH_LANE sum[c][j] = 0;
    for (int d = 0; d < Dh; d++)
        LANES_AND(EACH_CHAIN, EACH_LANE) sum[c][j] = MADD(query[c][d], keys[c][d * LANES + j], sum[c][j]);
    EACH_CHAIN EACH_LANE out[c][j] = sum[c][j]; // copying needs an address: `out` gets one, `sum` stays
    for (int c = 0; c < CHAINS; c++) copy_lanes(chain[c].to, out[c], chain[c].n);
}

// sum_j = sum_k p_k value_kj for 16 columns j of a head: over all keys, a scalar times a vector.
static void run_mix(const Chain *chain, int Dh, int n_keys)
{
    float sum[CHAINS][LANES], out[CHAINS][LANES];
    const float *probabilities[CHAINS];
    size_t first[CHAINS];
    for (int c = 0; c < CHAINS; c++) probabilities[c] = chain[c].factors, first[c] = chain[c].first;
    EACH_CHAIN EACH_LANE sum[c][j] = 0;
    for (int k = 0; k < n_keys;) {
        const float *row = chain[0].blocks[k / KV_BLOCK]->values;
        const int end = at_most(n_keys, k + KV_BLOCK);
        for (; k < end; k++, row += Dh) LANES_AND(EACH_CHAIN, EACH_LANE)
        sum[c][j] = MADD(probabilities[c][k], row[first[c] + j], sum[c][j]);
    }
    EACH_CHAIN EACH_LANE out[c][j] = sum[c][j];
    for (int c = 0; c < CHAINS; c++) copy_lanes(chain[c].to, out[c], chain[c].n);
}

// One chain per head and block. There are always CHAINS of them: at the end the last one is repeated.
static void scores_of_row(float *scores, const float *query, const KV *kv, int n_keys)
{
    const int Dh = kv->head_dim, per_head = kv_blocks(n_keys), n = kv->n_heads * per_head;
    for (int i = 0; i < n; i += CHAINS) {
        Chain chain[CHAINS];
        for (int c = 0; c < CHAINS; c++) {
            const int number = at_most(i + c, n - 1), h = number / per_head, b = number % per_head;
            chain[c] = (Chain){query + h * Dh, (size_t)h * Dh * KV_BLOCK, kv->blocks + b,
                               scores + (size_t)h * n_keys + b * KV_BLOCK, n_keys - b * KV_BLOCK};
        }
        run_scores(chain, Dh);
    }
}

// One chain per head and 16 columns, each through all blocks in the order of k.
static void mix_of_row(float *mixed, const float *probabilities, const KV *kv, int n_keys)
{
    const int Dh = kv->head_dim, per_head = (Dh + LANES - 1) / LANES, n = kv->n_heads * per_head;
    for (int i = 0; i < n; i += CHAINS) {
        Chain chain[CHAINS];
        for (int c = 0; c < CHAINS; c++) {
            const int number = at_most(i + c, n - 1), h = number / per_head, d = number % per_head * LANES;
            chain[c] = (Chain){probabilities + (size_t)h * n_keys, (size_t)h * KV_BLOCK * Dh + d, kv->blocks,
                               mixed + h * Dh + d, Dh - d};
        }
        run_mix(chain, Dh, n_keys);
    }
}

// ---- several rows -----------------------------------------------------------------------------------------

// One tile of a head, always inlined: rows and vectors are literals in every call.
//   out (rows, vectors, 16)   scores of the rows for the keys of so many blocks
//   query                     of the first row; query_stride floats to the next
//   keys (Dh, 16)             of each block
INLINE void score_tile(float *restrict out, const float *restrict query, size_t query_stride,
                       const float *const *restrict keys, int Dh, const int rows, const int vectors)
{
    float sum[MAX_ROWS * MAX_VECTORS][LANES];
    EACH_ROW EACH_VECTOR EACH_LANE sum[r * vectors + v][j] = 0;
    for (int d = 0; d < Dh; d++) {
        LANES_AND(EACH_VECTOR EACH_ROW, EACH_LANE)
        sum[r * vectors + v][j] =
            MADD(query[r * query_stride + d], keys[v][d * LANES + j], sum[r * vectors + v][j]);
    }
    EACH_ROW EACH_VECTOR EACH_LANE out[(r * vectors + v) * LANES + j] = sum[r * vectors + v][j];
}

// One tile of a head, always inlined: the contributions of the keys from .. to-1 to the sums.
//   sums (rows, vectors, 16)   in and out
//   p                          probabilities of the first row; p_stride floats to the next
//   first                      offset of the tile's first column in a block's values
INLINE void mix_tile(float *restrict sums, const float *restrict p, size_t p_stride, KVBlock *const *blocks,
                     size_t first, int Dh, int from, int to, const int rows, const int vectors)
{
    float sum[MAX_ROWS * MAX_VECTORS][LANES];
    EACH_ROW EACH_VECTOR EACH_LANE sum[r * vectors + v][j] = sums[(r * vectors + v) * LANES + j];
    for (int k = from; k < to;) {
        const float *row = blocks[k / KV_BLOCK]->values + first + (size_t)(k % KV_BLOCK) * Dh;
        const int end = at_most(to, (k / KV_BLOCK + 1) * KV_BLOCK);
        for (; k < end; k++, row += Dh) {
            LANES_AND(EACH_VECTOR EACH_ROW, EACH_LANE)
            sum[r * vectors + v][j] = MADD(p[r * p_stride + k], row[v * LANES + j], sum[r * vectors + v][j]);
        }
    }
    EACH_ROW EACH_VECTOR EACH_LANE sums[(r * vectors + v) * LANES + j] = sum[r * vectors + v][j];
}

// Select the tile of this size: own copies are compiled for each size that fits the registers.
#define SIZES(v) SIZE(1, v) SIZE(2, v) SIZE(3, v) SIZE(4, v) SIZE(5, v) SIZE(6, v)

static void score_tile_of(int rows, int vectors, float *out, const float *query, size_t query_stride,
                          const float *const *keys, int Dh)
{
#define SIZE(r, v)                                                                                           \
    case 10 * r + v:                                                                                         \
        if (r <= MAX_ROWS && v <= MAX_VECTORS) score_tile(out, query, query_stride, keys, Dh, r, v);         \
        break;
    switch (10 * rows + vectors) {
        SIZES(1) SIZES(2)
    }
#undef SIZE
}

static void mix_tile_of(int rows, int vectors, float *sums, const float *p, size_t p_stride,
                        KVBlock *const *blocks, size_t first, int Dh, int from, int to)
{
#define SIZE(r, v)                                                                                           \
    case 10 * r + v:                                                                                         \
        if (r <= MAX_ROWS && v <= MAX_VECTORS)                                                               \
            mix_tile(sums, p, p_stride, blocks, first, Dh, from, to, r, v);                                  \
        break;
    switch (10 * rows + vectors) {
        SIZES(1) SIZES(2)
    }
#undef SIZE
}

// Tile by tile; the keys of some blocks are used by all rows before the next blocks.
static void scores_of_rows(float *scores, const float *queries, int n_rows, const KV *kv, int n_keys,
                           int more)
{
    const int H = kv->n_heads, Dh = kv->head_dim, most = n_keys + (n_rows - 1) * more;
    const size_t kv_width = (size_t)H * Dh, stride = (size_t)H * most;
    for (int h = 0; h < H; h++)
        for (int b = 0, vectors; b < kv_blocks(most); b += vectors) {
            vectors = at_most(kv_blocks(most) - b, MAX_VECTORS);
            const float *keys[MAX_VECTORS];
            for (int v = 0; v < vectors; v++) keys[v] = kv->blocks[b + v]->keys + (size_t)h * Dh * KV_BLOCK;
            for (int row = 0, rows; row < n_rows; row += rows) {
                rows = even_size(n_rows - row, MAX_ROWS);
                if (b * KV_BLOCK >= n_keys + (row + rows - 1) * more) continue; // none of them sees these
                float out[MAX_ROWS * MAX_VECTORS * LANES];
                score_tile_of(rows, vectors, out, queries + row * kv_width + h * Dh, kv_width, keys, Dh);
                for (int r = 0; r < rows; r++) {
                    const int sees = n_keys + (row + r) * more;
                    float *to = scores + (row + r) * stride + (size_t)h * sees;
                    for (int v = 0; v < vectors; v++)
                        copy_lanes(to + (b + v) * KV_BLOCK, out + (r * vectors + v) * LANES,
                                   sees - (b + v) * KV_BLOCK);
                }
            }
        }
}

// Tile by tile; the values of some keys are used by all rows before the next keys. Between them sums wait in
// `mixed`. Of a tile's keys, those that all rows see come first, and then each row's last ones.
static void mix_of_rows(float *mixed, const float *probabilities, int n_rows, const KV *kv, int n_keys,
                        int more)
{
    enum { KEYS = 4 * KV_BLOCK }; // together: their values of one head fit the first cache
    const int H = kv->n_heads, Dh = kv->head_dim, most = n_keys + (n_rows - 1) * more;
    const size_t kv_width = (size_t)H * Dh, stride = (size_t)H * most;
    memset(mixed, 0, n_rows * kv_width * sizeof *mixed);
    for (int h = 0; h < H; h++)
        for (int from = 0; from < most; from += KEYS)
            for (int row = 0, rows; row < n_rows; row += rows) {
                rows = even_size(n_rows - row, MAX_ROWS);
                const int common = n_keys + row * more; // keys that all of them see
                const float *p = probabilities + row * stride + (size_t)h * common;
                const size_t p_stride = stride + (size_t)h * more;
                for (int d = 0, vectors; d < Dh; d += vectors * LANES) {
                    vectors = at_most(ceil_div(Dh - d, LANES), MAX_VECTORS);
                    float sums[MAX_ROWS * MAX_VECTORS * LANES];
                    float *columns = mixed + row * kv_width + h * Dh + d;
                    const size_t first = (size_t)h * KV_BLOCK * Dh + d;
                    for (int r = 0; r < rows; r++)
                        for (int v = 0; v < vectors; v++)
                            copy_lanes(sums + (r * vectors + v) * LANES, columns + r * kv_width + v * LANES,
                                       Dh - d - v * LANES);
                    mix_tile_of(rows, vectors, sums, p, p_stride, kv->blocks, first, Dh, from,
                                at_most(common, from + KEYS));
                    for (int r = 1; r < rows; r++)
                        mix_tile_of(1, vectors, sums + r * vectors * LANES, p + r * p_stride, 0, kv->blocks,
                                    first, Dh, common > from ? common : from,
                                    at_most(common + r * more, from + KEYS));
                    for (int r = 0; r < rows; r++)
                        for (int v = 0; v < vectors; v++)
                            copy_lanes(columns + r * kv_width + v * LANES, sums + (r * vectors + v) * LANES,
                                       Dh - d - v * LANES);
                }
            }
}

// ---- one or several ---------------------------------------------------------------------------------------

void kv_scores(float *scores, const float *queries, int n_rows, const KV *kv, int n_keys, int more)
{
    assert(n_rows > 0 && n_keys + (n_rows - 1) * more <= kv->length);
    if (n_rows == 1) scores_of_row(scores, queries, kv, n_keys);
    else scores_of_rows(scores, queries, n_rows, kv, n_keys, more);
}

void kv_mix(float *mixed, const float *probabilities, int n_rows, const KV *kv, int n_keys, int more)
{
    assert(n_rows > 0 && n_keys + (n_rows - 1) * more <= kv->length);
    if (n_rows == 1) mix_of_row(mixed, probabilities, kv, n_keys);
    else mix_of_rows(mixed, probabilities, n_rows, kv, n_keys, more);
}
