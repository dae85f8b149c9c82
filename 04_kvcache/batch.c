// SPDX-License-Identifier: MIT
// batch.c -- gather the rows of all requests, one forward pass, hand the logits out.
#include "batch.h"
#include "processors.h"
#include "share.h"
#include <assert.h>

Batch batch_new(State *s, const Model *m, int max_requests, int n_beams)
{
    Batch b = {.s = s, .m = m, .max_requests = max_requests, .n_beams = n_beams};
    b.cache = kvcache_new(s, m, max_requests * n_beams + max_requests, 0); // (the last ones: share.h)
    b.requests = arena_alloc(&b.cache.memory, max_requests, sizeof *b.requests);
    for (int i = 0; i < max_requests; i++) b.requests[i] = NULL;
    return b;
}

void batch_free(Batch *b)
{
    assert(!b->n_requests);
    share_end(b);
    arena_free(&b->rows);
    kvcache_free(&b->cache);
}

bool batch_full(const Batch *b) { return b->n_requests == b->max_requests; }

void batch_add(Batch *b, Request *r)
{
    assert(!batch_full(b));
    int i = 0;
    while (b->requests[i]) i++;
    b->requests[i] = r;
    b->n_requests++;
    r->slot = i * b->n_beams;
    if (!b->draft) return;
    r->search->guess = arena_alloc(&r->memory, 1, sizeof(Guess));
    *r->search->guess = guess_new(&r->memory, &r->sequence, &r->input, i);
}

void batch_remove(Batch *b, Request *r)
{
    if (b->shared) share_remember(b, r);
    for (int beam = 0; beam < b->n_beams; beam++) kvcache_reset(&b->cache, r->slot + beam);
    if (b->draft) kvcache_reset(&b->draft->cache, r->search->guess->slot);
    b->requests[r->slot / b->n_beams] = NULL;
    b->n_requests--;
}

static int n_not_wanted(const Row *rows, int n_rows)
{
    int n = 0;
    for (int i = 0; i < n_rows; i++) n += !rows[i].wanted;
    return n;
}

void batch_step(Batch *b)
{
    int n_rows;
    times_skip(&b->times);
    if (b->shared) share_beginnings(b);
    batch_read_sources(b);
    times_add_source(&b->times);
    if (b->draft) batch_guess(b);
    const Row *rows = batch_gather_rows(b, &n_rows);
    batch_advance(b, batch_forward(b, rows, n_rows));
    batch_reorder(b);
    times_add_step(&b->times, n_not_wanted(rows, n_rows), n_rows);
}

// ---- what a step consists of ------------------------------------------------------------------------------

// A request is new until its prompt has been fed.
static bool is_new(const Batch *b, const Request *r)
{
    return kvcache_length(&b->cache, r->slot) < r->input.n_prompt;
}

// Whether the source of a request is to be read.
static bool needs_source(const Batch *b, const Request *r)
{
    return r && !r->waits && !kvcache_has_source(&b->cache, r->slot);
}

void batch_read_sources(Batch *b)
{
    int n_rows = 0;
    for (int i = 0; i < b->max_requests; i++)
        if (needs_source(b, b->requests[i])) n_rows += b->requests[i]->input.n_source;
    arena_reset(&b->rows);
    Row *rows = arena_alloc(&b->rows, n_rows, sizeof *rows), *row = rows;
    for (int i = 0; i < b->max_requests; i++) {
        const Request *r = b->requests[i];
        if (!needs_source(b, r)) continue;
        rows_of_text(row, r->input.source, r->input.n_source, 0);
        for (int k = 0; k < r->input.n_source; k++) row++->sequence = r->slot;
    }
    kvcache_read_sources(b->s, b->m, &b->cache, rows, n_rows);
    for (int i = 0; i < b->max_requests; i++) {
        const Request *r = b->requests[i];
        for (int beam = 1; r && beam < b->n_beams; beam++)
            if (!kvcache_has_source(&b->cache, r->slot + beam))
                kvcache_fork(&b->cache, r->slot + beam, r->slot, 0);
    }
}

void batch_guess(Batch *b)
{
    int n = 0;
    arena_reset(&b->rows);
    Guess **guesses = arena_alloc(&b->rows, b->n_requests, sizeof *guesses);
    for (int i = 0; i < b->max_requests; i++)
        if (b->requests[i] && !b->requests[i]->waits) guesses[n++] = b->requests[i]->search->guess;
    b->draft->guess(b->draft, guesses, n);
}

// The rows of one request, and how many; rows NULL: only counts.
static int rows_of_request(const Batch *b, const Request *r, Row *rows)
{
    if (!r || r->waits) return 0;
    const Guess *guess = r->search->guess;
    if (guess || is_new(b, r)) { // what the slot does not hold yet, and guesses
        const int *ids = guess ? guess->ahead.ids : r->input.prompt, n_guesses = guess ? guess->n : 0;
        const int held = kvcache_length(&b->cache, r->slot);
        const int n = (guess ? r->sequence.n + n_guesses : r->input.n_prompt) - held;
        if (rows) kvcache_rows(&b->cache, rows, r->slot, ids + held, n, 1 + n_guesses);
        return n;
    }
    for (int k = 0; rows && k < r->search->n_rows; k++)
        kvcache_rows(&b->cache, rows + k, r->slot + k, &r->search->tokens[k], 1, 1);
    return r->search->n_rows;
}

const Row *batch_gather_rows(Batch *b, int *n_rows)
{
    *n_rows = 0;
    for (int i = 0; i < b->max_requests; i++) *n_rows += rows_of_request(b, b->requests[i], NULL);
    arena_reset(&b->rows);
    Row *rows = arena_alloc(&b->rows, *n_rows, sizeof *rows), *row = rows;
    for (int i = 0; i < b->max_requests; i++) row += rows_of_request(b, b->requests[i], row);
    return rows;
}

float *batch_forward(Batch *b, const Row *rows, int n_rows)
{
    return kvcache_forward(b->s, b->m, &b->cache, rows, n_rows);
}

void batch_advance(Batch *b, float *logits)
{
    for (int i = 0; i < b->max_requests; i++) {
        Request *r = b->requests[i];
        if (!r || r->waits) continue;
        const Guess *guess = r->search->guess;
        const int n = guess ? 1 + guess->n : r->search->n_rows; // before it changes
        if (guess) {
            guess_check(b->draft, guess, &r->sequence, logits, &b->s->scratch, NULL, NULL);
            kvcache_truncate(&b->cache, r->slot, r->sequence.n - 1);
            r->search->done = r->sequence.ended;
        } else r->search->done = !r->search->advance(r, logits, &b->s->scratch);
        logits += (size_t)n * b->m->config.vocab;
    }
}

void batch_reorder(Batch *b)
{
    for (int i = 0; i < b->max_requests; i++) {
        const Request *r = b->requests[i];
        if (r && !r->search->done && r->search->parents)
            kvcache_reorder(&b->cache, r->slot, r->search->n_rows, r->search->parents);
    }
}

// ---- one hypothesis ---------------------------------------------------------------------------------------

static bool advance_greedily(Request *r, float *logits, Arena *scratch)
{
    Sequence *q = &r->sequence;
    const int V = q->options->vocab;
    const bool counts = q->with_sum && forced_token(q->options, q) < 0;
    float *log_p = counts ? arena_floats(scratch, V, 1) : NULL;
    if (counts) log_softmax(log_p, logits, V);
    const int n = q->n;
    sequence_advance(q, logits, scratch);
    r->search->tokens = &q->ids[q->n - 1];
    if (counts && q->n > n) q->sum += log_p[q->ids[n]];
    return !q->ended;
}

Search *greedy_search(Arena *arena)
{
    Search *search = arena_alloc(arena, 1, sizeof *search);
    *search = (Search){.advance = advance_greedily, .n_rows = 1};
    return search;
}
