// SPDX-License-Identifier: MIT
// kv.c -- lists of keys and values in blocks of 16 positions: a pool of blocks (a free list, with reference
// counts), then the lists. The sums over them: kv_sums.c. Only these two know the layout (kv_block.h).
//
// Copy on write: kv_share() only increments reference counts. block_to_write() copies the last block of a
// list before the first append that would change it for the other lists too; full blocks are never written,
// and kv_truncate() writes nothing.
// Poison: with pool->poison, blocks are filled with NaN when they are created and when they are returned. If
// the result of a stale or unwritten lane were used, it would be NaN, which the tests detect.
#include "tensor/kv_block.h"
#include "tensor/loops.h"
#include <assert.h>
#include <math.h>
#include <string.h>

KVPool kv_pool(KVType type, int n_heads, int head_dim)
{
    return (KVPool){.type = type, .n_heads = n_heads, .head_dim = head_dim};
}

const char *const *kv_type_names(void)
{
    static const char *const names[] = {"f32", "f16", "int8", NULL};
    return names;
}

static size_t n_scales(const KVPool *pool) // of all keys, or of all values
{
    return pool->type == KV_INT8 ? (size_t)KV_BLOCK * pool->n_heads : 0;
}

// Words of a block: of all keys, and of all of it.
static size_t key_words(const KVPool *pool) { return kv_keys_at(pool, pool->n_heads); }
static size_t n_words(const KVPool *pool) { return kv_values_at(pool, pool->n_heads); }

size_t kv_key_bytes(const KVPool *pool)
{
    return (key_words(pool) + n_scales(pool)) * sizeof(uint32_t) / KV_BLOCK;
}

size_t kv_value_bytes(const KVPool *pool)
{
    return (n_words(pool) - key_words(pool) + n_scales(pool)) * sizeof(uint32_t) / KV_BLOCK;
}

size_t kv_block_bytes(const KVPool *pool) { return KV_BLOCK * (kv_key_bytes(pool) + kv_value_bytes(pool)); }

void kv_pool_free(KVPool *pool)
{
    assert(pool->blocks_live == 0);
    arena_free(&pool->memory);
    pool->unused = NULL;
}

// These bytes are NaN as a float, as a half, and as the scale of whole numbers.
static void poison(const KVPool *pool, KVBlock *block)
{
    if (pool->poison) memset(block->words, 0xFF, kv_block_bytes(pool));
}

// A block with one reference, from the free list or new.
static KVBlock *take_block(KVPool *pool)
{
    KVBlock *block = pool->unused;
    if (block) pool->unused = block->next_unused;
    else {
        const size_t words =
            kv_block_bytes(pool) / sizeof(uint32_t) + KV_BLOCK; // kv_mix() may load past the end
        block = arena_alloc(&pool->memory, 1, sizeof *block);
        block->words = arena_alloc(&pool->memory, words, sizeof *block->words);
        block->scales = (float *)(block->words + n_words(pool));
        memset(block->words, 0, words * sizeof *block->words); // unused lanes are read, so they need a value
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

KV kv_new(KVPool *pool) { return (KV){.pool = pool}; }

void kv_truncate(KV *kv, int length)
{
    assert(length >= 0 && length <= kv->length);
    for (int b = kv_blocks(length); b < kv_blocks(kv->length); b++) return_block(kv->pool, kv->blocks[b]);
    kv->length = length;
}

void kv_drop(KV *kv)
{
    kv_truncate(kv, 0);
    kv->blocks = memory_resize(kv->blocks, 0, 0);
    kv->capacity = 0;
}

// Capacity for this many pointers, at least doubled when it grows. The blocks themselves never move.
static void reserve(KV *kv, int blocks)
{
    if (blocks <= kv->capacity) return;
    kv->capacity = blocks > 2 * kv->capacity ? blocks : 2 * kv->capacity;
    kv->blocks = memory_resize(kv->blocks, kv->capacity, sizeof *kv->blocks);
}

// A copy of a block of which the first n positions are filled. Values: these positions. Keys and scales:
// everything, as each cache line of them has a part of all positions.
static KVBlock *copy_block(KVPool *pool, const KVBlock *block, int n)
{
    KVBlock *copy = take_block(pool);
    const size_t keys = key_words(pool) * sizeof(uint32_t), scales = 2 * n_scales(pool) * sizeof(float);
    const size_t filled = (size_t)ceil_div(n, kv_per_word(pool->type)) * pool->head_dim * sizeof(uint32_t);
    memcpy(copy->words, block->words, keys);
    for (int h = 0; h < pool->n_heads; h++)
        memcpy(copy->words + kv_values_at(pool, h), block->words + kv_values_at(pool, h), filled);
    memcpy(copy->scales, block->scales, scales);
    pool->bytes_copied += keys + pool->n_heads * filled + scales;
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
        kv->blocks[b] = copy_block(kv->pool, shared, kv->length % KV_BLOCK);
        return_block(kv->pool, shared);
    }
    return kv->blocks[b];
}

// The scale of n numbers of KV_INT8: the largest of them is 127 times as large. NaN or infinite if one is.
static float scale_of(const float *x, int n)
{
    float largest = 0;
    for (int i = 0; i < n; i++) largest = fabsf(x[i]) <= largest || isnan(largest) ? largest : fabsf(x[i]);
    return largest / 127;
}

// x / scale, rounded to the nearest whole number, to the even one of two; plus 128. (A scale of 0, NaN or
// infinity makes the number 0 or NaN, whatever this returns.)
static uint32_t divide(float x, float scale)
{
    const float shift = 0x1.8p23f; // adding it rounds to a whole number
    float n = x / scale;
    if (isnan(n)) n = 0;
    n = n > 127 ? 127 : n < -127 ? -127 : n;
    return (uint32_t)((n + shift) - shift + 128);
}

// Store x as number `part` of a word; of KV_INT8 with number i of the scales.
INLINE void write_number(uint32_t *word, int part, float x, const KVType type, const float *scales, size_t i)
{
    const union {
        float value;
        uint32_t bits;
    } number = {x};
    switch (type) {
    case KV_F16: *word = (*word & ~(0xFFFFu << 16 * part)) | (uint32_t)half_of_float(x) << 16 * part; break;
    case KV_INT8: *word = (*word & ~(0xFFu << 8 * part)) | divide(x, scales[i]) << 8 * part; break;
    default: *word = number.bits;
    }
}

// Rows of one block. Keys are transposed: the floats of one key are a cache line apart. So all rows are
// written together, a line after the other. Always inlined: `type` is a literal in every call.
INLINE void write_rows(const KVPool *pool, KVBlock *block, int offset, const float *keys, const float *values,
                       int rows, const KVType type)
{
    const size_t H = pool->n_heads, Dh = pool->head_dim, kv_width = H * Dh, per = kv_per_word(type);
    for (size_t h = 0; h < H; h++) {
        float *key_scales = type == KV_INT8 ? block->scales + h * KV_BLOCK + offset : NULL;
        float *value_scales = type == KV_INT8 ? key_scales + H * KV_BLOCK : NULL;
        const float *key = type == KV_ROWS ? NULL : keys + h * Dh, *value = values + h * Dh;
        for (int r = 0; r < rows && type == KV_INT8; r++) {
            key_scales[r] = scale_of(key + r * kv_width, (int)Dh);
            value_scales[r] = scale_of(value + r * kv_width, (int)Dh);
        }
        for (size_t d = 0; d < Dh && type != KV_ROWS; d++) {
            uint32_t *word = block->words + kv_keys_at(pool, h) + d / per * KV_BLOCK + offset;
            for (int r = 0; r < rows; r++)
                write_number(word + r, (int)(d % per), key[r * kv_width + d], type, key_scales, r);
        }
        for (int r = 0; r < rows; r++) {
            const size_t k = offset + r;
            uint32_t *word = block->words + kv_values_at(pool, h) + k / per * Dh;
            for (size_t d = 0; d < Dh; d++)
                write_number(word + d, (int)(k % per), value[r * kv_width + d], type, value_scales, r);
        }
    }
}

void kv_append(KV *kv, const float *keys, const float *values, int n)
{
    const KVPool *pool = kv->pool;
    const size_t kv_width = (size_t)pool->n_heads * pool->head_dim;
    for (int i = 0, rows; i < n; i += rows) {
        KVBlock *block = block_to_write(kv);
        const int offset = kv->length % KV_BLOCK;
        rows = smaller(n - i, KV_BLOCK - offset);
        const float *key = keys ? keys + i * kv_width : NULL, *value = values + i * kv_width;
        switch (pool->type) {
        case KV_F32: write_rows(pool, block, offset, key, value, rows, KV_F32); break;
        case KV_F16: write_rows(pool, block, offset, key, value, rows, KV_F16); break;
        case KV_INT8: write_rows(pool, block, offset, key, value, rows, KV_INT8); break;
        case KV_ROWS: write_rows(pool, block, offset, key, value, rows, KV_ROWS); break;
        }
        kv->length += rows;
    }
}

void kv_read_rows(float *rows, const KV *kv)
{
    const size_t D = kv->pool->head_dim;
    assert(kv->pool->type == KV_ROWS);
    for (int k = 0; k < kv->length; k++)
        memcpy(rows + k * D, kv->blocks[k / KV_BLOCK]->words + k % KV_BLOCK * D, D * sizeof *rows);
}

static void start_copy(KV *out, const KV *kv)
{
    assert(out->length == 0 && out->pool == kv->pool);
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
    for (int b = 0; b < kv_blocks(kv->length); b++)
        out->blocks[b] = copy_block(kv->pool, kv->blocks[b], smaller(kv->length - b * KV_BLOCK, KV_BLOCK));
}

size_t kv_bytes(const KV *kv) { return kv_blocks(kv->length) * kv_block_bytes(kv->pool); }
int kv_references(const KV *kv, int block) { return kv->blocks[block]->references; }
const void *kv_debug_block(const KV *kv, int block) { return kv->blocks[block]->words; }
