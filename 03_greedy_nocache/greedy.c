// SPDX-License-Identifier: MIT
// greedy.c -- forward, process, pick, append; again. 04_kvcache/kvgreedy.c has the same loop with a cache:
// diff them.
#include "greedy.h"

void greedy(State *s, const Model *m, Sequence *q, const Encoded *source, OnToken *on_token, void *user)
{
    Arena arena = {0};
    while (!q->ended) {
        arena_reset(&arena);
        Row *rows = arena_alloc(&arena, q->n, sizeof *rows);
        rows_of_text(rows, q->ids, q->n, 1);                       // all tokens so far; logits of the last
        float *logits = decoder_forward(s, m, rows, q->n, source); // (1, V)

        sequence_advance(q, logits, &s->scratch); // process, pick, append
        on_token(user, q);
    }
    arena_free(&arena);
}
