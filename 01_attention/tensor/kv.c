// SPDX-License-Identifier: MIT
// kv.c -- lists of keys and values in blocks of 16 positions. The only file that knows the layout.
#include "kv.h"
#include "elementary.h"
#include <assert.h>
#include <string.h>

struct KVBlock {
    KVBlock *next_unused;
    int references;
    float *keys, *values; // (H, Dh, 16), (H, 16, Dh)
};

KVPool kv_pool(int width) { return (KVPool){.width = width}; }

static size_t floats_of_block(const KVPool *pool) { return (size_t)2 * KV_BLOCK * pool->width; }

size_t kv_block_bytes(const KVPool *pool) { return floats_of_block(pool) * sizeof(float); }

void kv_pool_free(KVPool *pool)
{
    assert(pool->blocks_live == 0);
    arena_free(&pool->memory);
    pool->unused = NULL;
}

static void poison(const KVPool *pool, KVBlock *block)
{
    for (size_t i = 0; pool->poison && i < floats_of_block(pool); i++) block->keys[i] = NAN;
}

static KVBlock *take_block(KVPool *pool)
{
    KVBlock *block = pool->unused;
    if (block) pool->unused = block->next_unused;
    else {
        block = arena_alloc(&pool->memory, 1, sizeof *block);
        block->keys = arena_floats(&pool->memory, floats_of_block(pool), 1);
        block->values = block->keys + KV_BLOCK * pool->width;
        memset(block->keys, 0, kv_block_bytes(pool)); // unused lanes are computed with: give them a value
        poison(pool, block);
    }
    block->references = 1;
    if (++pool->blocks_live > pool->blocks_peak) pool->blocks_peak = pool->blocks_live;
    return block;
}

static void return_block(KVPool *pool, KVBlock *block)
{
    assert(block->references > 0);
    if (--block->references) return;
    poison(pool, block);
    block->next_unused = pool->unused;
    pool->unused = block;
    pool->blocks_live--;
}

static int n_blocks(int length) { return (length + KV_BLOCK - 1) / KV_BLOCK; }

KV kv_new(KVPool *pool, int n_heads, int head_width)
{
    assert(n_heads * head_width == pool->width);
    return (KV){.pool = pool, .n_heads = n_heads, .head_width = head_width};
}

void kv_drop(KV *kv)
{
    for (int b = 0; b < n_blocks(kv->length); b++) return_block(kv->pool, kv->blocks[b]);
    kv->blocks = memory_resize(kv->blocks, 0, 0);
    kv->capacity = kv->length = 0;
}

static void reserve(KV *kv, int blocks)
{
    if (blocks <= kv->capacity) return;
    kv->capacity = blocks > 2 * kv->capacity ? blocks : 2 * kv->capacity;
    kv->blocks = memory_resize(kv->blocks, kv->capacity, sizeof *kv->blocks);
}

static KVBlock *copy_block(KVPool *pool, const KVBlock *block)
{
    KVBlock *copy = take_block(pool);
    memcpy(copy->keys, block->keys, kv_block_bytes(pool));
    pool->bytes_copied += kv_block_bytes(pool);
    return copy;
}

// The block that position `length` goes to: a new one, the last one, or the list's own copy of the last one.
static KVBlock *block_to_write(KV *kv)
{
    int b = kv->length / KV_BLOCK;
    reserve(kv, b + 1);
    if (kv->length % KV_BLOCK == 0) kv->blocks[b] = take_block(kv->pool);
    else if (kv->blocks[b]->references > 1) {
        KVBlock *shared = kv->blocks[b];
        kv->blocks[b] = copy_block(kv->pool, shared);
        return_block(kv->pool, shared);
    }
    return kv->blocks[b];
}

void kv_append(KV *kv, const float *key, const float *value)
{
    KVBlock *block = block_to_write(kv);
    int slot = kv->length++ % KV_BLOCK, Dh = kv->head_width;
    for (int i = 0; i < kv->pool->width; i++) block->keys[i * KV_BLOCK + slot] = key[i];
    for (int h = 0; h < kv->n_heads; h++)
        memcpy(block->values + (h * KV_BLOCK + slot) * Dh, value + h * Dh, Dh * sizeof *value);
}

static void start_copy(KV *out, const KV *kv)
{
    assert(out->length == 0 && out->pool == kv->pool && out->n_heads == kv->n_heads);
    reserve(out, n_blocks(kv->length));
    out->length = kv->length;
}

void kv_share(KV *out, const KV *kv)
{
    start_copy(out, kv);
    for (int b = 0; b < n_blocks(kv->length); b++) {
        out->blocks[b] = kv->blocks[b];
        out->blocks[b]->references++;
        kv->pool->bytes_shared += kv_block_bytes(kv->pool);
    }
}

void kv_copy(KV *out, const KV *kv)
{
    start_copy(out, kv);
    for (int b = 0; b < n_blocks(kv->length); b++) out->blocks[b] = copy_block(kv->pool, kv->blocks[b]);
}

// ---- the two kernels ---------------------------------------------------------------------------------------------
// A sum of Dh (or n_keys) terms must wait for each addition before the next one. So several independent sums run side
// by side: CHAINS vectors of 16 at a time, from different heads or different blocks. No sum is ever split.
// The number of chains is a literal in every call, so that loops over them unroll and sums stay in registers.
enum { CHAINS = 4, LANES = 16 };
#if defined __GNUC__
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

// One vector of 16 scores: of one head, for the keys of one block.
typedef struct {
    const float *query, *keys; // (Dh), (Dh, 16)
    float *scores;             // where they go
    int n;                     // how many of the 16 are wanted
} ScoreChain;

INLINE void run_scores(const ScoreChain *chain, int Dh, const int n_chains)
{
    float sum[CHAINS][LANES] = {{0}}, out[CHAINS][LANES];
    const float *query[CHAINS], *keys[CHAINS];
    for (int c = 0; c < n_chains; c++) query[c] = chain[c].query, keys[c] = chain[c].keys;
    for (int d = 0; d < Dh; d++)
        for (int c = 0; c < n_chains; c++) {
            const float q = query[c][d];
#pragma omp simd
            for (int j = 0; j < LANES; j++) sum[c][j] = MADD(q, keys[c][d * LANES + j], sum[c][j]);
        }
    memcpy(out, sum, sizeof sum);
    for (int c = 0; c < n_chains; c++) memcpy(chain[c].scores, out[c], chain[c].n * sizeof(float));
}

void kv_scores(float *scores, const float *query, const KV *kv, int n_keys)
{
    assert(n_keys <= kv->length);
    const int Dh = kv->head_width;
    ScoreChain chain[CHAINS];
    int n = 0;
    for (int h = 0; h < kv->n_heads; h++)
        for (int k = 0; k < n_keys; k += KV_BLOCK) {
            const float *keys = kv->blocks[k / KV_BLOCK]->keys + (size_t)h * Dh * KV_BLOCK;
            const int wanted = n_keys - k < LANES ? n_keys - k : LANES;
            chain[n++] = (ScoreChain){query + h * Dh, keys, scores + (size_t)h * n_keys + k, wanted};
            if (n == CHAINS) run_scores(chain, Dh, CHAINS), n = 0;
        }
    for (int c = 0; c < n; c++) run_scores(chain + c, Dh, 1);
}

// One vector of results: up to 16 columns of one head.
typedef struct {
    const float *weights; // (n_keys) of the head
    size_t first;         // where its columns begin in a block's values
    float *mixed;         // where they go
} MixChain;

INLINE void run_mix(const MixChain *chain, const KV *kv, int n_keys, const int n_chains, const int width)
{
    float sum[CHAINS][LANES] = {{0}}, out[CHAINS][LANES];
    const float *weights[CHAINS];
    size_t first[CHAINS];
    for (int c = 0; c < n_chains; c++) weights[c] = chain[c].weights, first[c] = chain[c].first;
    for (int k = 0; k < n_keys; k += KV_BLOCK) {
        const float *row = kv->blocks[k / KV_BLOCK]->values;
        const int n = n_keys - k < KV_BLOCK ? n_keys - k : KV_BLOCK;
        for (int i = 0; i < n; i++, row += kv->head_width)
            for (int c = 0; c < n_chains; c++) {
                const float w = weights[c][k + i], *values = row + first[c];
#pragma omp simd
                for (int j = 0; j < width; j++) sum[c][j] = MADD(w, values[j], sum[c][j]);
            }
    }
    memcpy(out, sum, sizeof sum);
    for (int c = 0; c < n_chains; c++) memcpy(chain[c].mixed, out[c], width * sizeof(float));
}

void kv_mix(float *mixed, const float *weights, const KV *kv, int n_keys)
{
    assert(n_keys <= kv->length);
    const int Dh = kv->head_width;
    MixChain chain[CHAINS];
    int n = 0;
    for (int h = 0; h < kv->n_heads; h++)
        for (int d = 0; d < Dh;) {
            const size_t first = (size_t)h * KV_BLOCK * Dh + d;
            const MixChain one = {weights + (size_t)h * n_keys, first, mixed + h * Dh + d};
            const int left = Dh - d, width = left >= LANES ? LANES : left >= LANES / 2 ? LANES / 2 : 1;
            if (width == LANES) chain[n++] = one;
            else if (width == LANES / 2) run_mix(&one, kv, n_keys, 1, LANES / 2);
            else run_mix(&one, kv, n_keys, 1, 1);
            if (n == CHAINS) run_mix(chain, kv, n_keys, CHAINS, LANES), n = 0;
            d += width;
        }
    for (int c = 0; c < n; c++) run_mix(chain + c, kv, n_keys, 1, LANES);
}

size_t kv_bytes(const KV *kv) { return n_blocks(kv->length) * kv_block_bytes(kv->pool); }
int kv_references(const KV *kv, int block) { return kv->blocks[block]->references; }
const float *kv_debug_block(const KV *kv, int block) { return kv->blocks[block]->keys; }
