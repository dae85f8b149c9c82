// SPDX-License-Identifier: MIT
// kv.c -- lists of keys and values in blocks of 16 positions: a pool of blocks (a free list, with reference
// counts), then the lists. The sums over them: kv_sums.c. Only these two know the layout (kv_block.h).
//
// Copy on write: kv_share() only increments reference counts. block_to_write() copies the last block of a
// list before the first append that would change it for the other lists too; full blocks are never written.
// Poison: with pool->poison, blocks are filled with NaN when they are created and when they are returned. If
// the result of a stale or unwritten lane were used, it would be NaN, which the tests detect.
#include "tensor/kv_block.h"
#include <assert.h>
#include <math.h>
#include <string.h>

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

KV kv_new(KVPool *pool, int n_heads, int head_dim)
{
    assert(n_heads * head_dim == pool->kv_width);
    return (KV){.pool = pool, .n_heads = n_heads, .head_dim = head_dim};
}

void kv_drop(KV *kv)
{
    for (int b = 0; b < kv_blocks(kv->length); b++) return_block(kv->pool, kv->blocks[b]);
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

// A copy of a block of which the first n positions are filled. Values: these positions. Keys: everything, as
// each cache line of keys has a part of all positions.
static KVBlock *copy_block(const KV *kv, const KVBlock *block, int n)
{
    KVPool *pool = kv->pool;
    KVBlock *copy = take_block(pool);
    const size_t keys = (size_t)KV_BLOCK * pool->kv_width * sizeof(float);
    const size_t head = (size_t)kv->head_dim * KV_BLOCK, filled = (size_t)n * kv->head_dim * sizeof(float);
    memcpy(copy->keys, block->keys, keys);
    for (int h = 0; h < kv->n_heads; h++) memcpy(copy->values + h * head, block->values + h * head, filled);
    pool->bytes_copied += keys + kv->n_heads * filled;
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
        kv->blocks[b] = copy_block(kv, shared, kv->length % KV_BLOCK);
        return_block(kv->pool, shared);
    }
    return kv->blocks[b];
}

// Keys are transposed: the floats of one key are a cache line apart. So all rows that go to a block are
// written together, a line after the other.
void kv_append(KV *kv, const float *keys, const float *values, int n)
{
    const size_t kv_width = kv->pool->kv_width, Dh = kv->head_dim;
    for (int i = 0, rows; i < n; i += rows) {
        KVBlock *block = block_to_write(kv);
        const int offset = kv->length % KV_BLOCK;
        rows = n - i < KV_BLOCK - offset ? n - i : KV_BLOCK - offset;
        const float *key = keys + i * kv_width, *value = values + i * kv_width;
        for (size_t d = 0; d < kv_width; d++)
            for (int r = 0; r < rows; r++) block->keys[d * KV_BLOCK + offset + r] = key[r * kv_width + d];
        for (int r = 0; r < rows; r++, value += kv_width)
            for (size_t h = 0; h < (size_t)kv->n_heads; h++)
                memcpy(block->values + (h * KV_BLOCK + offset + r) * Dh, value + h * Dh, Dh * sizeof *value);
        kv->length += rows;
    }
}

static void start_copy(KV *out, const KV *kv)
{
    assert(out->length == 0 && out->pool == kv->pool && out->n_heads == kv->n_heads);
    reserve(out, kv_blocks(kv->length));
    out->length = kv->length;
}

void kv_share(KV *out, const KV *kv)
{
    start_copy(out, kv);
    for (int b = 0; b < kv_blocks(kv->length); b++) {
        out->blocks[b] = kv->blocks[b];
        out->blocks[b]->references++;
        kv->pool->bytes_shared += kv_block_bytes(kv->pool);
    }
}

void kv_copy(KV *out, const KV *kv)
{
    start_copy(out, kv);
    for (int b = 0; b < kv_blocks(kv->length); b++) {
        const int rest = kv->length - b * KV_BLOCK;
        out->blocks[b] = copy_block(kv, kv->blocks[b], rest < KV_BLOCK ? rest : KV_BLOCK);
    }
}

size_t kv_bytes(const KV *kv) { return kv_blocks(kv->length) * kv_block_bytes(kv->pool); }
int kv_references(const KV *kv, int block) { return kv->blocks[block]->references; }
const float *kv_debug_block(const KV *kv, int block) { return kv->blocks[block]->keys; }
