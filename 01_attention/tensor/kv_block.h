// SPDX-License-Identifier: MIT
// kv_block.h -- the layout of a block of keys and values, as drawn in kv.h: for kv.c and kv_sums.c only.
#ifndef KV_BLOCK_H
#define KV_BLOCK_H
#include "tensor/kv.h"

struct KVBlock {
    KVBlock *next_unused;
    int references;
    float *keys, *values; // (H, Dh, 16), (H, 16, Dh), contiguous
};

// The number of blocks for so many positions.
static inline int kv_blocks(int length) { return (length + KV_BLOCK - 1) / KV_BLOCK; }

#endif
