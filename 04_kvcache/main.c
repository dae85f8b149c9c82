// SPDX-License-Identifier: MIT
// 04_kvcache -- the same output as 03_greedy_nocache, but each position is computed once.
#include "batch.h"
#include "kvgreedy.h"
#include "program.h"
#include <stdio.h>

typedef struct {
    Program program;
    const KVCache *cache;               // NULL: none
    size_t largest_self, largest_cross; // bytes that the largest text takes in it
} Run;

static void note_size(Run *run, int slot)
{
    const size_t self = kvcache_bytes(run->cache, slot), cross = kvcache_cross_bytes(run->cache, slot);
    if (self + cross <= run->largest_self + run->largest_cross) return;
    run->largest_self = self;
    run->largest_cross = cross;
}

static void show_step(const Run *run, const Request *r)
{
    const Program *p = &run->program;
    const Sequence *q = &r->sequence;
    if (q->problem > OUT_OF_POSITIONS) return; // no token
    print_step_prefix(p, r);
    print_step(r, q->n == q->n_prompt + 1 ? q->n_prompt : 1, (uint64_t)q->n - 1);
    fprintf(stderr, "; %d positions held, %zu bytes", kvcache_length(run->cache, r->slot),
            kvcache_bytes(run->cache, r->slot) + kvcache_cross_bytes(run->cache, r->slot));
    print_step_end(p, r);
}

// ---- one text after the other -----------------------------------------------------------------------------

// Called after every step of the newest request.
static void show_token(void *user, const Sequence *q)
{
    Run *run = user;
    Program *p = &run->program;
    if (q->problem > OUT_OF_POSITIONS) return; // no token
    if (p->stream) print_results(p);
    if (p->steps && run->cache) show_step(run, p->newest);
    else if (p->steps) {
        print_step(p->newest, q->n - 1, p->state.decoder_rows);
        print_step_end(p, p->newest);
    }
}

static void run_one_by_one(Run *run, bool no_cache)
{
    Program *p = &run->program;
    KVCache cache = kvcache_new(&p->state, &p->model, 1, 0);
    Encoded source = {0};
    run->cache = no_cache ? NULL : &cache;
    for (Request *r; (r = program_next(p, true));) {
        r->sequence = sequence_new(r->memory, &p->options, &r->input, r->max_length, r->sample);
        if (no_cache) {
            if (!r->sample) source = encode_input(&p->state, &p->model, r->memory, &r->input);
            greedy(&p->state, &p->model, &r->sequence, &source, show_token, run);
        } else {
            kvcache_read_source(&p->state, &p->model, &cache, 0, &r->input);
            kvcache_greedy(&p->state, &p->model, &r->sequence, &cache, 0, show_token, run);
            note_size(run, 0);
            kvcache_reset(&cache, 0);
        }
        r->done = true;
        print_results(p);
    }
    kvcache_free(&cache);
}

// ---- several texts at a time ------------------------------------------------------------------------------

static void run_batch(Run *run, int batch_size)
{
    Program *p = &run->program;
    Batch batch = batch_new(&p->state, &p->model, batch_size, 1);
    run->cache = &batch.cache;
    for (;;) {
        // What is there joins; only for the first of a batch is waited.
        for (Request *r; !batch_full(&batch) && (r = program_next(p, !batch.n_requests));
             batch_add(&batch, r)) {
            r->sequence = sequence_new(r->memory, &p->options, &r->input, r->max_length, r->sample);
            r->search = greedy_search(r->memory);
        }
        if (!batch.n_requests) break;
        batch_step(&batch);
        for (int i = 0; i < batch.max_requests; i++) {
            Request *r = batch.requests[i];
            if (!r) continue;
            if (p->steps) show_step(run, r);
            note_size(run, r->slot);
            if (r->search->done) batch_remove(&batch, r);
            print_results(p);
        }
    }
    batch_free(&batch);
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
            "Cache: %zu bytes per token = %d layers x (key %zu + value %zu); largest text: %zu bytes self",
            2 * L * row, L, row, row, run->largest_self);
    if (m->config.has_encoder) fprintf(stderr, ", %zu cross", run->largest_cross);
    fprintf(stderr, ", in blocks of %d tokens.\nWeights: %zu bytes decoder", KV_BLOCK,
            model_weight_bytes(m, false));
    if (m->config.has_encoder) fprintf(stderr, ", %zu encoder", model_weight_bytes(m, true));
    fprintf(stderr, "; activations: %zu bytes.\n", arena_bytes(&run->program.state.scratch));
}

int main(int argc, char **argv)
{
    bool no_cache = false;
    int batch_size = 16;
    Run run = {
        .program.command = {
            .usage = "04_kvcache MODEL [TEXT...] [options]",
            .about =
                "Prints for each TEXT (or line of stdin, up to its first TAB) the text, a TAB, and the "
                "tokens that the model in the\n"
                "directory MODEL writes for it. Keys and values are kept, so each step computes one row.",
            .example = "build/04_kvcache data/marian transformer",
        }};
    Program *p = &run.program;
    const Option own[] = {
        OPT_INT("--batch-size", "N", &batch_size, 1, 65536,
                "at most N texts are decoded together (default 16); " WAITING),
        OPT_FLAG("--no-cache", &no_cache, "do as 03_greedy_nocache does"),
        OPT_END,
    };
    program_start(p, own, argc, argv);
    const bool one_request = p->one_text && p->options.num_return_sequences == 1;
    if (no_cache || one_request) run_one_by_one(&run, no_cache);
    else run_batch(&run, batch_size);

    print_summary(p);
    if (no_cache) print_rows_formula(p);
    else {
        fprintf(stderr, ".\n");
        print_memory(&run);
    }
    return program_end(p);
}
