// SPDX-License-Identifier: MIT
// kv_block.h -- the layout of a block of keys and values, as drawn in kv.h: for kv.c and kv_sums.c only.
#ifndef KV_BLOCK_H
#define KV_BLOCK_H
#include "tensor/half.h"
#include "tensor/kv.h"

// A vector is always loaded as 16 words of 32 bits. Numbers of 16 or 8 bits share a word with those of the
// same lane in the next terms of its sum: 2 or 4 of them, the first in the last bits. `per` is how many.
//   keys (H, ceil(Dh / per), 16), then values (H, 16 / per, Dh); of KV_ROWS (16, D)
struct KVBlock {
    KVBlock *next_unused;
    int references;
    uint32_t *words;
    float *scales; // KV_INT8: of keys (H, 16), then of values (H, 16)
};

// The number of blocks for so many positions.
static inline int kv_blocks(int length) { return (length + KV_BLOCK - 1) / KV_BLOCK; }

static inline int kv_per_word(KVType type) { return type == KV_F16 ? 2 : type == KV_INT8 ? 4 : 1; }

// The word in a block where a head's keys begin, and where its values do: behind all keys.
static inline size_t kv_keys_at(const KVPool *pool, size_t h)
{
    const size_t per = kv_per_word(pool->type);
    return pool->type == KV_ROWS ? 0 : h * KV_BLOCK * ((pool->head_dim + per - 1) / per);
}

static inline size_t kv_values_at(const KVPool *pool, size_t h)
{
    return kv_keys_at(pool, pool->n_heads) + h * KV_BLOCK / kv_per_word(pool->type) * pool->head_dim;
}

// Number `part` of a word, as a float. KV_INT8: n + 128 is stored, times number i of the scales.
static inline float kv_number(const uint32_t *word, int part, KVType type, const float *scales, size_t i)
{
    const union {
        uint32_t bits;
        float value;
    } number = {*word};
    switch (type) {
    case KV_F16: return float_of_half(*word >> 16 * part & 0xFFFFu);
    case KV_INT8: return ((float)(int32_t)(*word >> 8 * part & 0xFFu) - 128) * scales[i];
    default: return number.value;
    }
}

#endif
