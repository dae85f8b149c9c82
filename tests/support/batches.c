// SPDX-License-Identifier: MIT
// batches.c -- the loop over all texts that the programs have, without reading and printing.
#include "batches.h"
#include "greedy.h"
#include "sequences.h"

void run_prepare(Run *r, TestModel *t, int n_requests)
{
    Error error = {0};
    const Options asked = options_unset();
    *r = (Run){.t = t, .n_requests = n_requests};
    CHECK(options_resolve(&r->options, &t->model, &asked, false, &error), "%s", error.message);
}

void run_request(Run *r, int i, Input input, int max_length)
{
    Request *request = &r->requests[i];
    *request = (Request){.input = input, .max_length = max_length, .sample = i};
    request->sequence = sequence_new(&r->t->arena, &r->options, &input, max_length, i);
    request->search = greedy_search(&r->t->arena);
}

void run_request_made_up(Run *r, int i)
{
    const Input input = made_up_input(r->t, 1 + i * 5 % 12, i);
    run_request(r, i, input, input.n_prompt + i % 9 + 1);
}

Sequence run_uncached(Run *r, State *s, int i)
{
    const Request *request = &r->requests[i];
    Sequence q = sequence_new(&r->t->arena, &r->options, &request->input, request->max_length, i);
    const Encoded source = encode_input(s, &r->t->model, &r->t->arena, &request->input);
    greedy(s, &r->t->model, &q, &source, ignore_token, NULL);
    return q;
}

// After a step: what each text gained. Returns how many texts were removed as they are done.
static int look_at_all(Run *r, Batch *batch, int *steps)
{
    int n_removed = 0;
    for (int i = 0; i < batch->max_requests; i++) {
        Request *request = batch->requests[i];
        if (!request) continue;
        const int number = (int)(request - r->requests);
        const Sequence *q = &request->sequence;
        if (request->waits) r->n_waits[number]++;
        else steps[number]++;
        const int gained = q->n - q->n_prompt;
        CHECK(r->draft ? gained >= steps[number] : gained == steps[number], "text %d: %d tokens in %d steps",
              number, gained, steps[number]);
        if (!request->search->done || request->waits) continue;
        batch_remove(batch, request);
        arena_free(&request->memory);
        n_removed++;
    }
    return n_removed;
}

void run_batches(Run *r, State *s, int max_requests)
{
    Batch batch = batch_new(s, &r->t->model, max_requests, 1);
    int n_added = 0, n_removed = 0, steps[MAX_REQUESTS] = {0};
    if (r->rows) kvcache_keep_rows(&batch.cache, 0);
    if (r->shares) share_begin(&batch, &r->shared);
    batch.draft = r->draft;
    r->n_steps = 0;
    memset(r->n_waits, 0, sizeof r->n_waits);
    for (;;) {
        while (!batch_full(&batch) && n_added < r->n_requests) batch_add(&batch, &r->requests[n_added++]);
        if (!batch.n_requests) break;
        batch_step(&batch);
        r->n_steps++;
        n_removed += look_at_all(r, &batch, steps);
    }
    CHECK(n_removed == r->n_requests, "%d of %d texts are done", n_removed, r->n_requests);
    CHECK(s->pool.blocks_live == 0 || r->shares, "%zu blocks are still held after the last text",
          s->pool.blocks_live);
    batch_free(&batch);
    CHECK(s->pool.blocks_live == 0, "%zu blocks are still held after the batch", s->pool.blocks_live);
}
