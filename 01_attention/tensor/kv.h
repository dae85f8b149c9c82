// SPDX-License-Identifier: MIT
// kv.h -- the keys and values that attention looks at: a list of rows that grows without moving.
//
// To its users a KV is a list of `length` key rows and value rows, each H * Dh wide: append one, score a query
// against the first n keys, mix the first n values, share the list, drop it.
//
// Inside, rows live in blocks of KV_BLOCK positions (a list of pieces, so that growing copies nothing and
// hypotheses of a beam can have their past in common):
//
//   KV: length 37      block 0            block 1            block 2
//       blocks ------> positions 0..15    positions 16..31   positions 32..36, 11 slots unused
//
//   a block holds   keys   (H, Dh, 16)    lane = position: one instruction scores 16 keys
//                   values (H, 16, Dh)    lane = column:   one instruction mixes 16 columns
//                   and how many lists it is part of
//
// A block that several lists share is never written: the list that appends to it gets its own copy first.
// Slots behind the last key may be computed with, but what comes of them is never read.
#ifndef KV_H
#define KV_H
#include "tensor/memory.h"
#include <stdbool.h>
#include <stdint.h>

enum { KV_BLOCK = 16 };

typedef struct KVBlock KVBlock;

// Where blocks come from and return to. All lists of a pool have the same H * Dh.
typedef struct {
    Arena memory;
    KVBlock *unused;
    int width;          // H * Dh
    bool poison;        // fill fresh and returned blocks with NaN: a read of anything unwritten shows
    size_t blocks_live; // now part of at least one list
    size_t blocks_peak; // the most that ever were
    uint64_t bytes_copied, bytes_shared; // by copies for lists that had a block in common; by kv_share
} KVPool;

typedef struct {
    KVPool *pool;
    KVBlock **blocks; // (capacity), the first ceil(length / 16) are in use
    int capacity;
    int length; // positions held
    int n_heads, head_width;
} KV;

KVPool kv_pool(int width);
void kv_pool_free(KVPool *pool); // all lists must have been dropped: asserted
size_t kv_block_bytes(const KVPool *pool);

KV kv_new(KVPool *pool, int n_heads,
          int head_width); // an empty list; takes no memory before the first append
void kv_drop(KV *kv);      // give the blocks back; the list is empty and can be used again
void kv_append(KV *kv, const float *key, const float *value); // key, value (H * Dh): position `length`
void kv_share(KV *out, const KV *kv); // out, an empty list, gets the same rows by having the same blocks
void kv_copy(KV *out, const KV *kv);  // out, an empty list, gets the same rows in blocks of its own

// scores (H, n_keys):  score_hk = query_h . key_hk, for the first n_keys positions; query (H * Dh)
void kv_scores(float *scores, const float *query, const KV *kv, int n_keys);
// mixed (H * Dh):  mixed_h = sum_k weights_hk value_hk, in the order of k; weights (H, n_keys). 0 if n_keys is 0
void kv_mix(float *mixed, const float *weights, const KV *kv, int n_keys);

size_t kv_bytes(const KV *kv);                        // of the blocks the list is made of
int kv_references(const KV *kv, int block);           // how many lists block number `block` is part of
const float *kv_debug_block(const KV *kv, int block); // keys, then values, as drawn above (for tests)

#endif
