// SPDX-License-Identifier: MIT
// kvcache.h -- keep the keys and values of every position instead of computing them again.
//
// A KVCache has slots; a slot holds the past of one text, or of one hypothesis of a beam search. Per layer
// these are two lists of keys and values:
//
//   slot 0:  self   one entry per decoder token so far; grows by one with each step
//            cross  one entry per source token; filled once, then only read
//
// Contract: whatever way the tokens arrived (one by one, several at once, beside other texts), the logits
// of a row have the same bits as those that decoder_forward() of stage 02 computes from the whole text. The
// only counter is the length of the lists. The blocks of all slots come from one pool, which is in the
// State (tensor/kv.h).
#ifndef KVCACHE_H
#define KVCACHE_H
#include "decoder.h"

enum Reorder { REORDER_SHARE, REORDER_COPY };

typedef struct {
    const Model *model;
    int n_slots;
    int limit;            // positions per slot: at most this many
    KV **self, **cross;   // (L)(n_slots)
    enum Reorder reorder; // for stage 05:
    KV *next;             // (n_slots) where kvcache_reorder() builds its result
    Arena memory;
} KVCache;

// limit 0: as many positions as the model has.
KVCache kvcache_new(State *s, const Model *m, int n_slots, int limit);
void kvcache_free(KVCache *cache);

int kvcache_length(const KVCache *cache, int slot); // positions held: the position of the slot's next token
void kvcache_reset(KVCache *cache, int slot);       // the slot is empty again

// Encode the sources of texts, all at once, and keep their cross-attention keys and values.
// rows[i].sequence is the slot. Does nothing for n_rows = 0.
void kvcache_read_sources(State *s, const Model *m, KVCache *cache, const Row *rows, int n_rows);
// The same for the source of one text, if it has one.
void kvcache_read_source(State *s, const Model *m, KVCache *cache, int slot, const Input *input);
// Slot `to`, which is empty, gets the source of slot `from`: the same blocks, nothing is computed or copied.
void kvcache_share_source(KVCache *cache, int to, int from);

// n tokens as the next rows of a slot; of the last n_wanted the logits are wanted. More positions than
// `limit` are an assertion failure.
void kvcache_rows(const KVCache *cache, Row *rows, int slot, const int *tokens, int n, int n_wanted);
// Logits (wanted rows, V) for new rows of one or more slots. A slot's rows stand in order of position, and
// begin where the slot ends.
float *kvcache_forward(State *s, const Model *m, KVCache *cache, const Row *rows, int n_rows);

// Hypothesis b, in slot first + b, continues what slot first + parents[b] holds now; 0 <= b < n.
void kvcache_reorder(KVCache *cache, int first, int n, const int *parents);

// Bytes of the blocks of a slot: its own past; its source.
size_t kvcache_bytes(const KVCache *cache, int slot);
size_t kvcache_cross_bytes(const KVCache *cache, int slot);

#endif
