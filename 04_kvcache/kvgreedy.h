// SPDX-License-Identifier: MIT
// kvgreedy.h -- the loop of 03_greedy_nocache/greedy.h with a cache: a step computes only the rows that the
// cache does not hold.
#ifndef KVGREEDY_H
#define KVGREEDY_H
#include "greedy.h"
#include "kvcache.h"

// Run a sequence to its end. Its slot of the cache holds its source (kvcache_read_source) but no tokens.
void kvcache_greedy(State *s, const Model *m, Sequence *sequence, KVCache *cache, int slot, OnToken *on_token,
                    void *user);

#endif
