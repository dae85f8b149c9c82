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

void kv_scores(float *scores, const float *query, const KV *kv, int n_keys)
{
    assert(n_keys <= kv->length);
    const int Dh = kv->head_width;
    for (int h = 0; h < kv->n_heads; h++)
        for (int b = 0; b < n_blocks(n_keys); b++) {
            const float *keys = kv->blocks[b]->keys + (size_t)h * Dh * KV_BLOCK;
            float sum[KV_BLOCK] = {0};
            for (int d = 0; d < Dh; d++)
                for (int j = 0; j < KV_BLOCK; j++)
                    sum[j] = MADD(query[h * Dh + d], keys[d * KV_BLOCK + j], sum[j]);
            for (int j = 0; j < KV_BLOCK && b * KV_BLOCK + j < n_keys; j++)
                scores[(size_t)h * n_keys + b * KV_BLOCK + j] = sum[j];
        }
}

void kv_mix(float *mixed, const float *weights, const KV *kv, int n_keys)
{
    assert(n_keys <= kv->length);
    const int Dh = kv->head_width;
    for (int h = 0; h < kv->n_heads; h++) {
        float *out = mixed + h * Dh;
        for (int d = 0; d < Dh; d++) out[d] = 0;
        for (int k = 0; k < n_keys; k++) {
            const float *value = kv->blocks[k / KV_BLOCK]->values + (size_t)(h * KV_BLOCK + k % KV_BLOCK) * Dh;
            const float weight = weights[(size_t)h * n_keys + k];
            for (int d = 0; d < Dh; d++) out[d] = MADD(weight, value[d], out[d]);
        }
    }
}

size_t kv_bytes(const KV *kv) { return n_blocks(kv->length) * kv_block_bytes(kv->pool); }
int kv_references(const KV *kv, int block) { return kv->blocks[block]->references; }
const float *kv_debug_block(const KV *kv, int block) { return kv->blocks[block]->keys; }
