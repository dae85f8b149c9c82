// SPDX-License-Identifier: MIT
// kvgreedy.c -- the loop of 03_greedy_nocache/greedy.c with a cache. Lines that it does not have are marked.
#include "kvgreedy.h"

void kvcache_greedy(State *s, const Model *m, Sequence *q, KVCache *cache, int slot, // NEW in 04
                    OnToken *on_token, void *user)                                   // NEW in 04
{
    Arena arena = {0};
    while (!q->ended) {
        arena_reset(&arena);
        const int held = kvcache_length(cache, slot), n = q->n - held; // NEW in 04: first the prompt, then 1
        Row *rows = arena_alloc(&arena, n, sizeof *rows);              // NEW in 04
        kvcache_rows(cache, rows, slot, q->ids + held, n, 1);          // NEW in 04: only what is not held yet
        float *logits = kvcache_forward(s, m, cache, rows, n);         // NEW in 04: (1, V)

        sequence_advance(q, logits, &s->scratch); // process, pick, append
        on_token(user, q);
    }
    arena_free(&arena);
}
