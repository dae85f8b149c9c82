// SPDX-License-Identifier: MIT
// 04_kvcache -- the same output as 03_greedy_nocache, but each position is computed once.
#include "batch.h"
#include "kvgreedy.h"
#include "program.h"
#include <stdio.h>

typedef struct {
    Program program;
    int batch_size;                     // 0: not given
    size_t largest_self, largest_cross; // bytes that the largest text takes in a cache
    // One text after the other:
    const KVCache *cache;   // NULL: none
    const Request *request; // that is decoded
    Times times;
} Run;

// Of two that are as large, the one with more of its own: what is found does not depend on their order.
static void note_size(Run *run, const KVCache *cache, int slot)
{
    const size_t self = kvcache_bytes(cache, slot), cross = kvcache_cross_bytes(cache, slot);
    queue_lock(&run->program.queue);
    const size_t largest = run->largest_self + run->largest_cross;
    if (self + cross > largest || (self + cross == largest && self > run->largest_self)) {
        run->largest_self = self;
        run->largest_cross = cross;
    }
    queue_unlock(&run->program.queue);
}

static void show_step(Program *p, const Request *r, const KVCache *cache, double seconds)
{
    const Sequence *q = &r->sequence;
    if (q->problem > OUT_OF_POSITIONS) return; // no token
    queue_lock(&p->queue);
    print_step_prefix(p, r);
    print_step(r, q->n == q->n_prompt + 1 ? q->n_prompt : 1, (uint64_t)q->n - 1, seconds);
    const int held = kvcache_length(cache, r->slot);
    fprintf(stderr, "; %d position%s held, %zu bytes", held, held == 1 ? "" : "s",
            kvcache_bytes(cache, r->slot) + kvcache_cross_bytes(cache, r->slot));
    print_step_end(p, r);
    queue_unlock(&p->queue);
}

// ---- one text after the other -----------------------------------------------------------------------------

// Called after every step.
static void show_token(void *user, const Sequence *q)
{
    Run *run = user;
    Program *p = &run->program;
    if (q->problem > OUT_OF_POSITIONS) return; // no token
    const bool first = q->n == q->n_prompt + 1;
    const double seconds =
        times_add_step(&run->times, first ? q->n_prompt - 1 : 0, first || !run->cache ? q->n - 1 : 1);
    queue_show(&p->queue);
    if (p->steps && run->cache) show_step(p, run->request, run->cache, seconds);
    else if (p->steps) {
        print_step(run->request, q->n - 1, p->state.decoder_rows, seconds);
        print_step_end(p, run->request);
    }
    watch_rows(&p->watch, q->ids, q->n, run->cache ? q->n - 1 : 0);
    times_skip(&run->times);
}

static void run_one_by_one(Run *run, bool no_cache)
{
    Program *p = &run->program;
    KVCache cache = kvcache_new(&p->state, &p->model, 1, 0);
    Arena memory = {0};
    Encoded source = {0};
    run->cache = no_cache ? NULL : &cache;
    for (Request *r; (r = queue_next(&p->queue, 0));) {
        run->request = r;
        p->watch.input = r->input;
        r->sequence = sequence_new(&r->memory, &p->options, &r->input, r->max_length, r->sample);
        watch_rows(&p->watch, r->sequence.ids, r->sequence.n, 0);
        times_skip(&run->times);
        if (no_cache) {
            if (!r->sample) { // once per text
                arena_reset(&memory);
                source = encode_input(&p->state, &p->model, &memory, &r->input);
            }
            times_add_source(&run->times);
            greedy(&p->state, &p->model, &r->sequence, &source, show_token, run);
        } else {
            kvcache_read_source(&p->state, &p->model, &cache, 0, &r->input);
            times_add_source(&run->times);
            kvcache_greedy(&p->state, &p->model, &r->sequence, &cache, 0, show_token, run);
            note_size(run, &cache, 0);
            kvcache_reset(&cache, 0);
        }
        queue_done(&p->queue, r);
    }
    queue_count(&p->queue, &p->state, &run->times);
    kvcache_free(&cache);
    arena_free(&memory);
}

// ---- several texts at a time ------------------------------------------------------------------------------

// What each thread does, with a state and a batch of its own.
static void run_batch(void *context, int part, int first, int last)
{
    (void)part, (void)first, (void)last;
    Run *run = context;
    Program *p = &run->program;
    State state = state_new(&p->model, 1);
    Batch batch = batch_new(&state, &p->model, run->batch_size, 1);
    for (;;) {
        // What is there joins; only for the first of a batch is waited.
        for (Request *r; !batch_full(&batch) && (r = queue_next(&p->queue, batch.n_requests));
             batch_add(&batch, r)) {
            r->sequence = sequence_new(&r->memory, &p->options, &r->input, r->max_length, r->sample);
            r->search = greedy_search(&r->memory);
        }
        if (!batch.n_requests) break;
        batch_step(&batch);
        for (int i = 0; i < batch.max_requests; i++) {
            Request *r = batch.requests[i];
            if (!r) continue;
            if (p->steps) show_step(p, r, &batch.cache, SHARED);
            if (!r->search->done) continue;
            note_size(run, &batch.cache, r->slot);
            batch_remove(&batch, r);
            queue_done(&p->queue, r);
        }
        queue_show(&p->queue);
    }
    queue_count(&p->queue, &state, &batch.times);
    batch_free(&batch);
    state_free(&state);
}

// ---- the end ----------------------------------------------------------------------------------------------

// Bytes of the cache by layer and kind, beside weights and activations. The formula: TUTORIAL.md, chapter 4.
static void print_memory(const Run *run)
{
    const Model *m = &run->program.model;
    const int L = m->config.decoder.n_layers;
    const size_t row =
        sizeof(float) * m->config.decoder.n_heads * m->config.decoder.head_dim; // key, or value
    fprintf(stderr,
            ".\nCache: %zu bytes per token = %d layers x (key %zu + value %zu); largest text: %zu bytes self",
            2 * L * row, L, row, row, run->largest_self);
    if (m->config.has_encoder) fprintf(stderr, ", %zu cross", run->largest_cross);
    fprintf(stderr, ", in blocks of %d tokens.\nWeights: %zu bytes decoder", KV_BLOCK,
            model_weight_bytes(m, false));
    if (m->config.has_encoder) fprintf(stderr, ", %zu encoder", model_weight_bytes(m, true));
    fprintf(stderr, "; activations: %zu bytes.\n", run->program.queue.activations);
}

int main(int argc, char **argv)
{
    bool no_cache = false;
    Run run = {
        .program.command = {
            .usage = "04_kvcache MODEL [TEXT...] [options]",
            .about = "Prints for each TEXT (or line of stdin, up to its first TAB) the text, a TAB, and the "
                     "tokens that the model in the directory MODEL writes for it. Keys and values are kept, "
                     "so each step computes one row.",
            .example = "build/04_kvcache data/marian transformer",
        }};
    Program *p = &run.program;
    const Option own[] = {
        OPT_INT("--batch-size", "N", &run.batch_size, 1, 65536,
                "at most N texts are decoded together (default 32); " WAITING),
        OPT_FLAG("--no-cache", &no_cache, "do as 03_greedy_nocache does"),
        OPT_END,
    };
    program_start(p, own, argc, argv);
    if (no_cache && run.batch_size)
        cli_error(&p->command, "--batch-size: with --no-cache texts are decoded one by one");
    if (!run.batch_size) run.batch_size = 32;
    const bool one_request = p->one_text && p->options.num_return_sequences == 1;
    if (no_cache || one_request) run_one_by_one(&run, no_cache);
    else queue_share(&p->queue, p->state.workers, run_batch, &run);

    watch_end(&p->watch, &p->command);
    print_summary(p);
    if (p->verbose) {
        print_rows(p);
        if (no_cache) print_rows_formula(p);
        else print_memory(&run);
    }
    return program_end(p);
}
