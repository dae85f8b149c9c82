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
    KVPool *rows;         // of layers that keep input rows instead; keys and values of the last of them
    KV *again;            // (n_slots), computed again
    enum Reorder reorder; // for stage 05:
    KV *next;             // (n_slots) where kvcache_reorder() builds its result
    Arena memory;
} KVCache;

// limit 0: as many positions as the model has.
KVCache kvcache_new(State *s, const Model *m, int n_slots, int limit);
void kvcache_free(KVCache *cache);
// A layer shall not keep the keys and values of its rows, but what they are computed from, its input rows: D
// floats per position instead of 2 H Dh. At each step it computes them again. Before the first token, KV_F32.
void kvcache_keep_rows(KVCache *cache, int layer);

int kvcache_length(const KVCache *cache, int slot); // positions held: the position of the slot's next token
void kvcache_reset(KVCache *cache, int slot);       // the slot is empty again
bool kvcache_has_source(const KVCache *cache, int slot); // true without an encoder, too

// Encode the sources of texts, all at once, and keep their cross-attention keys and values.
// rows[i].sequence is the slot. Does nothing for n_rows = 0.
void kvcache_read_sources(State *s, const Model *m, KVCache *cache, const Row *rows, int n_rows);
// The same for the source of one text, if it has one.
void kvcache_read_source(State *s, const Model *m, KVCache *cache, int slot, const Input *input);

// Forget all positions of a slot from `length` on.
void kvcache_truncate(KVCache *cache, int slot, int length);
// Slot `to`, which is empty, begins like slot `from`: it has its source and its first `length` positions. Its
// blocks are the same ones: nothing is computed, and the last is copied when one of the slots writes to it.
void kvcache_fork(KVCache *cache, int to, int from, int length);

// n tokens as the next rows of a slot; of the last n_wanted the logits are wanted. More positions than
// `limit` are an assertion failure.
void kvcache_rows(const KVCache *cache, Row *rows, int slot, const int *tokens, int n, int n_wanted);
// Logits (wanted rows, V) for new rows of one or more slots. A slot's rows stand in order of position, and
// begin where the slot ends.
float *kvcache_forward(State *s, const Model *m, KVCache *cache, const Row *rows, int n_rows);

// Hypothesis b, in slot first + b, continues what slot first + parents[b] holds now; 0 <= b < n.
void kvcache_reorder(KVCache *cache, int first, int n, const int *parents);

// The lists of a layer, in which the rows before the new ones are: for attention_store() and _lookup(). x
// (n_rows, D): the new input rows.
KV *kvcache_self(State *s, KVCache *cache, int layer, const float *x, const Row *rows, int n_rows);

// Bytes of the blocks of a slot: its own past; its source.
size_t kvcache_bytes(const KVCache *cache, int slot);
size_t kvcache_cross_bytes(const KVCache *cache, int slot);

#endif
