// SPDX-License-Identifier: MIT
// 04_kvcache -- the same output as 03_greedy_nocache, but each position is computed once.
#include "batch.h"
#include "kvgreedy.h"
#include "plan.h"
#include "program.h"
#include "share.h"
#include <inttypes.h>
#include <stdio.h>

typedef struct {
    Program program;
    int batch_size;                     // 0: not given
    size_t largest_self, largest_cross; // bytes that the largest text takes in a cache
    bool *keeps;                        // (L) the layers that keep keys and values
    bool share_prefix;
    uint64_t shared_rows, shared_source_rows;
    const char *draft; // its directory, NULL: none
    int draft_tokens;
    Model draft_model;
    uint64_t n_passes, n_guessed, n_taken; // with the draft
    // One text after the other:
    const KVCache *cache;   // NULL: none
    const Request *request; // that is decoded
    uint64_t rows_shown;
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

static void show_step(Program *p, const Request *r, const KVCache *cache, int n_rows, uint64_t n_rows_so_far,
                      double seconds)
{
    if (r->sequence.problem > OUT_OF_POSITIONS) return; // no token
    queue_lock(&p->queue);
    print_step_prefix(p, r);
    print_step(r, n_rows, n_rows_so_far, seconds);
    const int held = kvcache_length(cache, r->slot);
    fprintf(stderr, "; %d position%s held, %zu bytes", held, held == 1 ? "" : "s",
            kvcache_bytes(cache, r->slot) + kvcache_cross_bytes(cache, r->slot));
    print_step_end(p, r);
    queue_unlock(&p->queue);
}

static void count_draft(Run *run, Draft *draft)
{
    queue_lock(&run->program.queue);
    run->n_passes += draft->n_passes;
    run->n_guessed += draft->n_guessed;
    run->n_taken += draft->n_taken;
    queue_unlock(&run->program.queue);
    draft_close(draft);
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
    if (p->steps && run->cache) {
        const uint64_t n_rows = p->state.decoder_rows; // none for a token that was guessed
        show_step(p, run->request, run->cache, (int)(n_rows - run->rows_shown), n_rows, seconds);
        run->rows_shown = n_rows;
    } else if (p->steps) {
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
    Draft draft;
    if (run->draft) draft_open(&draft, &run->draft_model, run->draft_tokens, 1);
    plan_use_layers(&cache, run->keeps);
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
            if (run->draft)
                speculative_greedy(&p->state, &p->model, &r->sequence, &r->input, &cache, 0, &draft,
                                   show_token, run);
            else kvcache_greedy(&p->state, &p->model, &r->sequence, &cache, 0, show_token, run);
            note_size(run, &cache, 0);
            kvcache_reset(&cache, 0);
        }
        queue_done(&p->queue, r);
    }
    queue_count(&p->queue, &p->state, &run->times);
    if (run->draft) count_draft(run, &draft);
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
    State state = program_state(p, 1);
    Batch batch = batch_new(&state, &p->model, run->batch_size, 1);
    Shared shared = {0};
    Draft draft;
    plan_use_layers(&batch.cache, run->keeps);
    if (run->share_prefix || p->options.num_return_sequences > 1) share_begin(&batch, &shared);
    if (run->draft) draft_open(batch.draft = &draft, &run->draft_model, run->draft_tokens, run->batch_size);
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
            if (!r || r->waits) continue;
            if (p->steps) {
                const int so_far = r->sequence.n - 1 - r->n_shared;
                const bool first = r->sequence.n == r->input.n_prompt + 1;
                show_step(p, r, &batch.cache, first ? so_far : 1, so_far, SHARED);
            }
            if (!r->search->done) continue;
            note_size(run, &batch.cache, r->slot);
            batch_remove(&batch, r);
            queue_done(&p->queue, r);
        }
        queue_show(&p->queue);
    }
    queue_count(&p->queue, &state, &batch.times);
    queue_lock(&p->queue);
    run->shared_rows += shared.n_rows;
    run->shared_source_rows += shared.n_source_rows;
    queue_unlock(&p->queue);
    if (run->draft) count_draft(run, &draft);
    batch_free(&batch);
    state_free(&state);
}

// ---- the end ----------------------------------------------------------------------------------------------

// Bytes of the cache by layer and kind, beside weights and activations. The formula: TUTORIAL.md, chapter 4.
static void print_memory(const Run *run)
{
    const Model *m = &run->program.model;
    fprintf(stderr, ".\nCache: ");
    plan_print_token(m, run->program.cache_type, run->keeps);
    fprintf(stderr, "; largest text: %zu bytes self", run->largest_self);
    if (m->config.has_encoder) fprintf(stderr, ", %zu cross", run->largest_cross);
    fprintf(stderr, ", in blocks of %d tokens.\nWeights: %zu bytes decoder", KV_BLOCK,
            model_weight_bytes(m, false));
    if (m->config.has_encoder) fprintf(stderr, ", %zu encoder", model_weight_bytes(m, true));
    fprintf(stderr, "; activations: %zu bytes.\n", run->program.queue.activations);
}

static void print_draft(const Run *run)
{
    const double passes = run->n_passes ? (double)run->n_passes : 1;
    fprintf(stderr,
            "Draft: %.2f tokens per pass of the model; %" PRIu64 " of %" PRIu64 " guesses taken (%.1f %%).\n",
            (double)run->program.queue.n_tokens / passes, run->n_taken, run->n_guessed,
            run->n_guessed ? 100 * (double)run->n_taken / (double)run->n_guessed : 0);
}

// ---- options ----------------------------------------------------------------------------------------------

static void load_draft(Run *run)
{
    const Program *p = &run->program;
    Codec codec;
    Error error = {0};
    codec_load_or_exit(&codec, &run->draft_model, run->draft, p->as_ids);
    if (!draft_fits(&codec, &p->codec, &error))
        cli_error(&p->command, "--draft: %s: %s", run->draft, error.message);
}

// What excludes each other.
static void check_options(const Run *run, bool no_cache, const char *layers, bool draft_tokens)
{
    const Program *p = &run->program;
    const char *excludes = "%s and %s exclude each other";
    if (no_cache && run->batch_size)
        cli_error(&p->command, "--batch-size: with --no-cache texts are decoded one by one");
    if (no_cache && run->draft) cli_error(&p->command, excludes, "--no-cache", "--draft");
    if (no_cache && run->share_prefix) cli_error(&p->command, excludes, "--no-cache", "--share-prefix");
    if (no_cache && layers) cli_error(&p->command, excludes, "--no-cache", "--cache-layers");
    if (layers && p->cache_type != KV_F32)
        cli_error(&p->command, "--cache-layers: input rows are kept as f32, so --cache-type must be f32");
    if (layers && p->watch.name) cli_error(&p->command, excludes, "--trace", "--cache-layers");
    if (run->draft && p->watch.name) cli_error(&p->command, excludes, "--trace", "--draft");
    if (run->draft && p->plan) cli_error(&p->command, excludes, "--plan", "--draft");
    if (run->draft && p->steps && (!p->one_text || p->options.num_return_sequences > 1))
        cli_error(&p->command, "--steps with --draft needs one text on the command line, and one result");
    if (draft_tokens && !run->draft) cli_error(&p->command, "--draft-tokens needs --draft");
}

int main(int argc, char **argv)
{
    bool no_cache = false;
    const char *layers = NULL;
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
        OPT_FLAG("--share-prefix", &run.share_prefix,
                 "a text that begins like an earlier one computes only the rest"),
        OPT_TEXT(
            "--draft", "DIR", &run.draft,
            "a small model with the same vocabulary guesses tokens ahead; the result does not depend on it "
            "(default: none)"),
        OPT_INT("--draft-tokens", "K", &run.draft_tokens, 1, 1024, "tokens to guess at a time (default 4)"),
        OPT_TEXT(
            "--cache-layers", "LIST", &layers,
            "layers that keep keys and values, as 0,2,5 or none; the others compute them again from their "
            "input rows (default: all)"),
        OPT_INT("--plan", "N", &p->plan, 1, 1000000000,
                "decode nothing: print how many bytes a cache of N tokens takes (default: decode)"),
        OPT_END,
    };
    program_start(p, own, argc, argv);
    check_options(&run, no_cache, layers, run.draft_tokens > 0);
    Arena memory = {0};
    run.keeps = plan_layers(&memory, &p->command, layers, &p->model);
    if (run.draft) load_draft(&run);
    if (!run.batch_size) run.batch_size = 32;
    if (!run.draft_tokens) run.draft_tokens = 4;
    if (p->plan) {
        if (p->queue.texts.n_words)
            cli_error(&p->command, "--plan: no text is decoded, found \"%s\"", argv[2]);
        plan_print(&p->model, run.keeps, p->plan);
        arena_free(&memory);
        return program_end(p);
    }
    const bool one_request = p->one_text && p->options.num_return_sequences == 1;
    if (no_cache || one_request) run_one_by_one(&run, no_cache);
    else queue_share(&p->queue, p->state.workers, run_batch, &run);

    watch_end(&p->watch, &p->command);
    print_summary(p);
    if (run.draft) print_draft(&run);
    if (run.share_prefix)
        fprintf(stderr,
                "Taken over from other texts: %" PRIu64 " rows of the decoder, %" PRIu64 " of the encoder.\n",
                run.shared_rows, run.shared_source_rows);
    if (p->verbose) {
        print_rows(p);
        if (no_cache) print_rows_formula(p);
        else print_memory(&run);
    }
    if (run.draft) model_free(&run.draft_model);
    arena_free(&memory);
    return program_end(p);
}
