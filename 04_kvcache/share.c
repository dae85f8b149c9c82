// SPDX-License-Identifier: MIT
// share.c -- who begins like whom?
#include "share.h"
#include "tensor/loops.h"
#include <string.h>

// A finished text of which a slot of the cache holds all rows.
typedef struct Past {
    Input input; // its source
    const int *ids;
    int slot;
    Arena memory; // of source and ids
} Past;

void share_begin(Batch *b, Shared *shared)
{
    *shared = (Shared){.past = arena_alloc(&b->cache.memory, b->max_requests, sizeof *shared->past)};
    for (int i = 0; i < b->max_requests; i++)
        shared->past[i] = (Past){.slot = b->max_requests * b->n_beams + i};
    b->shared = shared;
}

void share_end(Batch *b)
{
    for (int i = 0; b->shared && i < b->max_requests; i++) arena_free(&b->shared->past[i].memory);
}

static const int *copy_ids(Arena *arena, const int *ids, int n)
{
    int *copy = arena_alloc(arena, n, sizeof *copy);
    if (n) memcpy(copy, ids, n * sizeof *copy);
    return copy;
}

void share_remember(Batch *b, const Request *r)
{
    Past *past = &b->shared->past[b->shared->next];
    const int n = kvcache_length(&b->cache, r->slot);
    b->shared->next = (b->shared->next + 1) % b->max_requests;
    arena_reset(&past->memory);
    kvcache_reset(&b->cache, past->slot);
    past->ids = copy_ids(&past->memory, r->sequence.ids, n);
    past->input = r->input;
    past->input.source = copy_ids(&past->memory, r->input.source, r->input.n_source);
    kvcache_fork(&b->cache, past->slot, r->slot, n);
}

enum { NOTHING = -1 };

// How many rows a request could take over from a text whose first n rows are known; not the last row of its
// prompt. With an encoder it may be 0, and the source.
static int in_common(const Request *r, const Input *input, const int *ids, int n)
{
    const int *source = r->input.source, n_source = r->input.n_source;
    int common = 0;
    if (!n || n_source != input->n_source) return NOTHING;
    if (n_source && memcmp(source, input->source, n_source * sizeof *source)) return NOTHING;
    while (common < smaller(n, r->input.n_prompt - 1) && r->input.prompt[common] == ids[common]) common++;
    return common || n_source ? common : NOTHING;
}

// The slot that has most in common with a request, and how much.
static int best_slot(const Batch *b, const Request *r, int *most)
{
    int best = -1;
    *most = NOTHING;
    for (int i = 0; i < 2 * b->max_requests; i++) {
        const Past *past = &b->shared->past[i % b->max_requests];
        const Request *other = b->requests[i % b->max_requests];
        const bool runs = i >= b->max_requests;
        if (runs && !other) continue;
        const int slot = runs ? other->slot : past->slot;
        const int n = in_common(r, runs ? &other->input : &past->input,
                                runs ? other->sequence.ids : past->ids, kvcache_length(&b->cache, slot));
        if (n <= *most) continue;
        *most = n;
        best = slot;
    }
    return best;
}

// Whether one of the requests before number i, whose prompts are read in this step, will have more.
static bool better_to_wait(const Batch *b, int i, int most)
{
    for (int k = 0; k < i; k++) {
        const Request *other = b->requests[k];
        if (!other || other->waits) continue;
        const Input *input = &other->input;
        const bool is_read = kvcache_length(&b->cache, other->slot) < input->n_prompt;
        if (is_read && in_common(b->requests[i], input, input->prompt, input->n_prompt) > most) return true;
    }
    return false;
}

void share_beginnings(Batch *b)
{
    for (int i = 0; i < b->max_requests; i++) {
        Request *r = b->requests[i];
        if (!r || kvcache_length(&b->cache, r->slot)) continue;
        int n;
        const int slot = best_slot(b, r, &n);
        r->waits = better_to_wait(b, i, n);
        if (r->waits || n == NOTHING) continue;
        kvcache_fork(&b->cache, r->slot, slot, n);
        r->n_shared = n;
        b->shared->n_rows += n;
        b->shared->n_source_rows += r->input.n_source;
    }
}
