// SPDX-License-Identifier: MIT
// kvcache.h -- keep the keys and values of every position instead of computing them again.
//
// A KVCache has slots; a slot remembers one text or one hypothesis. Per layer it holds two lists of keys and values:
//
//   slot 0:  self   one entry per decoder token so far; grows by one with each step
//            cross  one entry per source token; filled once, then only looked at
//
// Contract: whatever way the tokens arrived (one by one, several at once, beside other texts), the logits of a row
// have the same bits as those that decoder_forward() of stage 02 computes from the whole text.
// The only counter is the length of the lists. Slots share a pool of blocks (tensor/kv.h), which belongs to the State.
#ifndef KVCACHE_H
#define KVCACHE_H
#include "decoder.h"

enum Reorder { REORDER_SHARE, REORDER_COPY };

typedef struct {
    const Model *model;
    int n_slots, limit; // positions per slot: at most `limit`
    KV **self, **cross; // (L)(n_slots)
    KV *next;           // (n_slots) for kvcache_reorder
    enum Reorder reorder;
    Arena memory;
} KVCache;

KVCache kvcache_new(State *s, const Model *m, int n_slots, int limit);
void kvcache_free(KVCache *cache);

int kvcache_length(const KVCache *cache, int slot); // positions held: the position of the slot's next token
void kvcache_reset(KVCache *cache, int slot);       // forget a text

// Encode the sources of texts, all at once, and keep their cross-attention keys and values: rows[i].sequence is the
// slot. Does nothing for n_rows = 0.
void kvcache_read_sources(State *s, const Model *m, KVCache *cache, const Row *rows, int n_rows);
// Slot `to`, which is empty, gets the source of slot `from`: the same blocks, nothing is computed or copied.
void kvcache_share_source(KVCache *cache, int to, int from);

// n tokens as the next rows of a slot; of the last n_wanted the logits are wanted.
void kvcache_rows(const KVCache *cache, Row *rows, int slot, const int *tokens, int n, int n_wanted);
// Logits (wanted rows, V) for new rows of one or more slots. A slot's rows must follow each other, and its past.
float *kvcache_forward(State *s, const Model *m, KVCache *cache, const Row *rows, int n_rows);

// Hypothesis b, in slot first + b, continues what slot first + parents[b] holds now; b = 0 .. n-1, for any parents.
void kvcache_reorder(KVCache *cache, int first, int n, const int *parents);

size_t kvcache_bytes(const KVCache *cache, int slot); // of the blocks of self (cross: kvcache_cross_bytes)
size_t kvcache_cross_bytes(const KVCache *cache, int slot);

#endif
