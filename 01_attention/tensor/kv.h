// SPDX-License-Identifier: MIT
// kv.h -- the keys and values that attention reads: a list of rows that grows without moving.
//
// To its users a KV is a list of `length` key rows and value rows of H * Dh floats each: append some, score a
// query against the first n keys, mix the first n values, share the list, forget its end, drop it.
//
// Inside, rows are stored in blocks of KV_BLOCK positions. A list of blocks grows without copying, and
// several lists can share the blocks of a common beginning:
//
//   KV: length 37      block 0            block 1            block 2
//       blocks ------> positions 0..15    positions 16..31   positions 32..36, 11 unused
//
//   a block holds   keys   (H, Dh, 16)    vector lane = position: one instruction scores 16 keys
//                   values (H, 16, Dh)    vector lane = column:   one instruction mixes 16 columns
//                   and a reference count: the number of lists that contain it
//
// Copy on write: a block with several references is never written; a list that appends to it copies it first.
// Lanes past the last key are computed like the others, but their results are never read.
#ifndef KV_H
#define KV_H
#include "tensor/memory.h"
#include <stdbool.h>
#include <stdint.h>

enum { KV_BLOCK = 16 };

// How the numbers of a list are stored. They are rounded when they are appended, each row by itself, and read
// as the floats that they then are: so a list does not depend on how its rows arrived, whatever its type.
typedef enum {
    KV_F32,
    KV_F16,  // as half.h says
    KV_INT8, // n * s with whole n from -127 to 127; s = largest / 127 is a float per head of a key or value
    KV_ROWS, // no keys and values, but one row of D floats per position (stage 04: what they are made of)
} KVType;

typedef struct KVBlock KVBlock;

// The blocks of all lists with the same sizes. A list takes blocks from its pool and returns them to it.
typedef struct {
    Arena memory;
    KVBlock *unused; // free list
    KVType type;
    int n_heads, head_dim; // H, Dh; of KV_ROWS 1, D
    bool poison;           // tests: fill new and returned blocks with NaN, so that reading them shows
    size_t blocks_live;    // blocks that are part of at least one list
    uint64_t bytes_copied, bytes_shared; // stage 05: by kv_copy() and copy on write; by kv_share()
} KVPool;

typedef struct {
    KVPool *pool;
    KVBlock **blocks; // (capacity), the first ceil(length / 16) are in use
    int capacity;     // in blocks
    int length;       // in positions
} KV;

KVPool kv_pool(KVType type, int n_heads, int head_dim);
void kv_pool_free(KVPool *pool); // all lists must have been dropped: asserted
size_t kv_block_bytes(const KVPool *pool);
size_t kv_key_bytes(const KVPool *pool); // of a position, and ...
size_t kv_value_bytes(const KVPool *pool);
const char *const *kv_type_names(void); // "f32", "f16", "int8", NULL: in the order of KVType

KV kv_new(KVPool *pool); // an empty list; takes no memory before the first append
void kv_drop(KV *kv);    // return the blocks to the pool; the list is empty and can be used again
// n rows from `length` on: keys and values (n, H * Dh); of KV_ROWS keys NULL and values (n, D)
void kv_append(KV *kv, const float *keys, const float *values, int n);
void kv_read_rows(float *rows, const KV *kv); // stage 04: of KV_ROWS, (length, D)
void kv_share(KV *out, const KV *kv); // stage 04: make the empty list `out` equal, with the same blocks
void kv_copy(KV *out, const KV *kv);  // stage 05: make the empty list `out` equal, with blocks of its own
void kv_truncate(KV *kv, int length); // stage 04: forget what is behind; blocks of nothing else return

// For n_rows rows, of which row r sees the first n_keys + r * more keys (more: 0 or 1): their scores and
// probabilities begin H * (keys of the last row) floats apart.
//   score_hk = query_h . key_hk, one sum over d; queries (n_rows, H * Dh), scores of row r (H, keys of row r)
//   mixed_h = sum_k p_hk value_hk in the order of k, 0 for no key; mixed (n_rows, H * Dh), p as the scores
void kv_scores(float *scores, const float *queries, int n_rows, const KV *kv, int n_keys, int more);
void kv_mix(float *mixed, const float *probabilities, int n_rows, const KV *kv, int n_keys, int more);

size_t kv_bytes(const KV *kv);              // stage 04: bytes of the list's blocks, shared or not
int kv_references(const KV *kv, int block); // stage 05: reference count of block number `block`
// tests: the kv_block_bytes() of a block: its numbers as drawn above, and scales
const void *kv_debug_block(const KV *kv, int block);

#endif
