// SPDX-License-Identifier: MIT
// kv.c -- lists of keys and values in blocks of 16 positions; only this file depends on their layout (kv.h).
//
// First the pool (a free list of reference-counted blocks), then the lists, then the two kernels.
// Copy on write: kv_share() only increments reference counts. block_to_write() copies the last block of a
// list before the first append that would change it for the other lists too; full blocks are never written.
// Poison: with pool->poison, blocks are filled with NaN when they are created and when they are returned. If
// the result of a stale or unwritten lane were used, it would be NaN, which the tests detect.
#include "tensor/kv.h"
#include "tensor/elementary.h"
#include "tensor/loops.h"
#include <assert.h>
#include <string.h>

struct KVBlock {
    KVBlock *next_unused;
    int references;
    float *keys, *values; // (H, Dh, 16), (H, 16, Dh), contiguous
};

KVPool kv_pool(int kv_width) { return (KVPool){.kv_width = kv_width}; }

static size_t floats_of_block(const KVPool *pool) { return (size_t)2 * KV_BLOCK * pool->kv_width; }

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

// A block with one reference, from the free list or new.
static KVBlock *take_block(KVPool *pool)
{
    KVBlock *block = pool->unused;
    if (block) pool->unused = block->next_unused;
    else {
        block = arena_alloc(&pool->memory, 1, sizeof *block);
        const size_t floats = floats_of_block(pool) + KV_BLOCK; // kv_mix() may load a vector past the end
        block->keys = arena_floats(&pool->memory, floats, 1);
        block->values = block->keys + (size_t)KV_BLOCK * pool->kv_width;
        memset(block->keys, 0, floats * sizeof *block->keys); // unused lanes are read, so they need a value
        poison(pool, block);
    }
    block->references = 1;
    pool->blocks_live++;
    return block;
}

// Give up one reference; the last one returns the block to the free list.
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

KV kv_new(KVPool *pool, int n_heads, int head_dim)
{
    assert(n_heads * head_dim == pool->kv_width);
    return (KV){.pool = pool, .n_heads = n_heads, .head_dim = head_dim};
}

void kv_drop(KV *kv)
{
    for (int b = 0; b < n_blocks(kv->length); b++) return_block(kv->pool, kv->blocks[b]);
    kv->blocks = memory_resize(kv->blocks, 0, 0);
    kv->capacity = kv->length = 0;
}

// Capacity for this many pointers, at least doubled when it grows. The blocks themselves never move.
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

// The block for position `length`: a new one, the last one, or (copy on write) a copy of a shared last one.
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
    int offset = kv->length++ % KV_BLOCK, Dh = kv->head_dim;
    for (size_t i = 0; i < (size_t)kv->pool->kv_width; i++) block->keys[i * KV_BLOCK + offset] = key[i];
    for (int h = 0; h < kv->n_heads; h++)
        memcpy(block->values + ((size_t)h * KV_BLOCK + offset) * Dh, value + h * Dh, Dh * sizeof *value);
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

// ---- the two kernels ----------------------------------------------------------------------------------
// A sum of Dh or n_keys terms is a chain of dependent additions, each of which waits several cycles for the
// one before. To keep the units busy, CHAINS independent vectors of 16 sums run side by side, each for
// another head, block or group of columns (instruction-level parallelism). No sum is ever split, so the bits
// are those of one chain.
// There are always CHAINS vectors: at the end the last one is repeated. And a vector always has 16 lanes:
// superfluous ones (keys past the last, columns past those of the head) are computed but not stored.
enum { LANES = KV_BLOCK };
#if defined __FMA__ || defined __ARM_FEATURE_FMA
enum { CHAINS = 4 }; // vectors of 16 sums: 8 AVX2 registers or 4 of AVX-512
#else
enum { CHAINS = 2 }; // 8 SSE2 registers
#endif
#define EACH_CHAIN UNROLL for (int c = 0; c < CHAINS; c++)
#define EACH_LANE  VECTOR for (int j = 0; j < LANES; j++)

typedef struct {
    const float *factors; // a head's query (Dh), or its probabilities (n_keys)
    size_t first;         // offset of the first vector in a block's keys or values
    KVBlock *const *blocks;
    float *to; // result: the first n of the 16 sums (all if n > 16)
    int n;
} Chain;

static void store(const Chain *chain, float sum[CHAINS][LANES])
{
    for (int c = 0; c < CHAINS; c++)
        if (chain[c].n >= LANES) memcpy(chain[c].to, sum[c], sizeof sum[c]);
        else
            for (int j = 0; j < chain[c].n; j++) chain[c].to[j] = sum[c][j];
}

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
    EACH_CHAIN EACH_LANE out[c][j] =
        sum[c][j]; // store() takes an address, which keeps `out`, not `sum`, in memory
    store(chain, out);
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
        const int end = n_keys - k < KV_BLOCK ? n_keys : k + KV_BLOCK;
        for (; k < end; k++, row += Dh) LANES_AND(EACH_CHAIN, EACH_LANE)
        sum[c][j] = MADD(probabilities[c][k], row[first[c] + j], sum[c][j]);
    }
    EACH_CHAIN EACH_LANE out[c][j] = sum[c][j];
    store(chain, out);
}

// One chain per head and block.
void kv_scores(float *scores, const float *query, const KV *kv, int n_keys)
{
    assert(n_keys <= kv->length);
    const int Dh = kv->head_dim, per_head = n_blocks(n_keys), n = kv->n_heads * per_head;
    for (int i = 0; i < n; i += CHAINS) {
        Chain chain[CHAINS];
        for (int c = 0; c < CHAINS; c++) {
            const int number = i + c < n ? i + c : n - 1, h = number / per_head, b = number % per_head;
            chain[c] = (Chain){query + h * Dh, (size_t)h * Dh * KV_BLOCK, kv->blocks + b,
                               scores + (size_t)h * n_keys + b * KV_BLOCK, n_keys - b * KV_BLOCK};
        }
        run_scores(chain, Dh);
    }
}

// One chain per head and 16 columns, each through all blocks in the order of k.
void kv_mix(float *mixed, const float *probabilities, const KV *kv, int n_keys)
{
    assert(n_keys <= kv->length);
    const int Dh = kv->head_dim, per_head = (Dh + LANES - 1) / LANES, n = kv->n_heads * per_head;
    for (int i = 0; i < n; i += CHAINS) {
        Chain chain[CHAINS];
        for (int c = 0; c < CHAINS; c++) {
            const int number = i + c < n ? i + c : n - 1, h = number / per_head,
                      d = number % per_head * LANES;
            chain[c] = (Chain){probabilities + (size_t)h * n_keys, (size_t)h * KV_BLOCK * Dh + d, kv->blocks,
                               mixed + h * Dh + d, Dh - d};
        }
        run_mix(chain, Dh, n_keys);
    }
}

size_t kv_bytes(const KV *kv) { return n_blocks(kv->length) * kv_block_bytes(kv->pool); }
int kv_references(const KV *kv, int block) { return kv->blocks[block]->references; }
const float *kv_debug_block(const KV *kv, int block) { return kv->blocks[block]->keys; }
