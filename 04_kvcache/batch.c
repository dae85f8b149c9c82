// SPDX-License-Identifier: MIT
// batch.c -- fill the places, gather rows, one forward pass, hand the logits out.
#include "batch.h"

typedef struct {
    State *s;
    const Model *m;
    KVCache *cache;
    const BatchUser *user;
    int width, n_places, n_running;
    Job **jobs;   // (n_places) by place; NULL: free
    bool *is_new; // (n_places) its prompt has not been read
    Arena rows;   // of one step
} Batch;

static int slot_of(const Batch *b, int place) { return place * b->width; }

// Take texts for all free places, and read their sources together.
static void fill_places(Batch *b)
{
    int n_rows = 0, place = 0;
    for (int p = 0; p < b->n_places; p++) b->is_new[p] = false;
    for (Job *job; b->n_running < b->n_places && (job = b->user->next(b->user->user)); b->n_running++) {
        while (b->jobs[place]) place++;
        b->jobs[place] = job;
        b->is_new[place] = true;
        job->place = place;
        n_rows += job->input.n_source;
    }
    Row *rows = arena_alloc(&b->rows, n_rows, sizeof *rows), *row = rows;
    for (int p = 0; p < b->n_places; p++) {
        if (!b->is_new[p]) continue;
        const Input *input = &b->jobs[p]->input;
        rows_of_text(row, input->source, input->n_source, 0);
        for (int i = 0; i < input->n_source; i++) row++->sequence = slot_of(b, p);
    }
    kvcache_read_sources(b->s, b->m, b->cache, rows, n_rows);
    for (int p = 0; p < b->n_places; p++)
        for (int i = 1; b->is_new[p] && i < b->width; i++)
            kvcache_share_source(b->cache, slot_of(b, p) + i, slot_of(b, p));
}

static int rows_of_job(const Batch *b, int place)
{
    if (!b->jobs[place]) return 0;
    return b->is_new[place] ? b->jobs[place]->input.n_prompt : b->jobs[place]->search->n_rows;
}

// The rows of this step: prompts of new texts, the next token of each hypothesis of the others.
static Row *gather_rows(Batch *b, int *n_rows)
{
    *n_rows = 0;
    for (int p = 0; p < b->n_places; p++) *n_rows += rows_of_job(b, p);
    Row *rows = arena_alloc(&b->rows, *n_rows, sizeof *rows), *row = rows;
    for (int p = 0; p < b->n_places; row += rows_of_job(b, p++)) {
        const Job *job = b->jobs[p];
        if (job && b->is_new[p])
            kvcache_rows(b->cache, row, slot_of(b, p), job->input.prompt, job->input.n_prompt, 1);
        else
            for (int i = 0; job && i < job->search->n_rows; i++)
                kvcache_rows(b->cache, row + i, slot_of(b, p) + i, &job->search->tokens[i], 1, 1);
    }
    return rows;
}

static void finish(Batch *b, Job *job)
{
    for (int i = 0; i < b->width; i++) kvcache_reset(b->cache, slot_of(b, job->place) + i);
    b->jobs[job->place] = NULL;
    b->n_running--;
    b->user->finished(b->user->user, job);
}

static void advance(Batch *b, Job *job, float *logits)
{
    const bool goes_on = job->search->advance(job->search, logits, &b->s->scratch);
    if (goes_on && job->search->parents)
        kvcache_reorder(b->cache, slot_of(b, job->place), job->search->n_rows, job->search->parents);
    b->user->stepped(b->user->user, job);
    if (!goes_on) finish(b, job);
}

void batch_run(State *s, const Model *m, KVCache *cache, int width, const BatchUser *user)
{
    Batch b = {
        .s = s, .m = m, .cache = cache, .user = user, .width = width, .n_places = cache->n_slots / width};
    Arena memory = {0};
    b.jobs = arena_alloc(&memory, b.n_places, sizeof *b.jobs);
    b.is_new = arena_alloc(&memory, b.n_places, sizeof *b.is_new);
    for (int p = 0; p < b.n_places; p++) b.jobs[p] = NULL;
    for (fill_places(&b); b.n_running; fill_places(&b)) {
        int n_rows;
        const Row *rows = gather_rows(&b, &n_rows);
        float *logits = kvcache_forward(s, m, cache, rows, n_rows);
        for (int p = 0; p < b.n_places; p++) {
            Job *job = b.jobs[p];
            if (!job) continue;
            const int n = job->search->n_rows;
            advance(&b, job, logits);
            logits += (size_t)n * m->config.vocab;
        }
        arena_reset(&b.rows);
    }
    arena_free(&b.rows);
    arena_free(&memory);
}
