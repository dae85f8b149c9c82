// SPDX-License-Identifier: MIT
// 05_beam -- several hypotheses per text share one model and one cache, which is reordered after each step.
#include "program.h"
#include "search.h"
#include <inttypes.h>
#include <stdio.h>

// ---- results ----------------------------------------------------------------------------------------------

typedef struct {
    Program program;
    int batch_size;
    int reorder; // enum Reorder
} Run;

static void print_hypothesis(Queue *q, Request *r, const Sequence *hypothesis, float score)
{
    print_text(r);
    printf("%.6f\t", (double)score);
    print_ids(q, r, hypothesis->ids + hypothesis->n_prompt, hypothesis->n - hypothesis->n_prompt);
    print_end(q, r, hypothesis);
}

static Problem print_n_best(Queue *q, Request *r)
{
    const Options *o = q->options;
    const Sequence *h = &r->sequence;
    if (o->num_beams == 1) {
        const int n = h->n - h->n_prompt;
        if (n) print_hypothesis(q, r, h, h->sum / length_divisor(o, n));
        return h->problem;
    }
    const Beam *beam = search_beam(r->search);
    for (int i = 0; i < o->num_return_sequences && (h = beam_result(beam, i)); i++)
        print_hypothesis(q, r, h, h->score);
    return beam->problem;
}

// ---- steps ------------------------------------------------------------------------------------------------

// The blocks of layer 0: how many hypotheses share each; * marks one that is copied before it is written to.
static void show_blocks(const KV *kv)
{
    for (int block = 0; block * KV_BLOCK < kv->length; block++) {
        const int references = kv_references(kv, block);
        const bool partly_filled = (block + 1) * KV_BLOCK > kv->length;
        fprintf(stderr, " %d%s", references, references > 1 && partly_filled ? "*" : "");
    }
}

static void show_tokens(const Program *p, const Sequence *q)
{
    Arena arena = {0};
    fprintf(stderr, ":");
    for (int i = q->n_prompt; i < q->n; i++)
        fprintf(stderr, " %s", codec_label(&p->codec, &arena, q->ids[i]));
    fprintf(stderr, "\n");
    arena_free(&arena);
}

static void show_step(Program *p, const Request *r, const KVCache *cache)
{
    if (p->options.num_beams == 1) return;
    const Beam *beam = search_beam(r->search);
    const int n = beam->n - beam->n_prompt;
    queue_lock(&p->queue);
    for (int b = 0; b < beam->B; b++) {
        const Sequence *q = &beam->finished[b];
        if (!q->live || q->n != beam->n) continue; // did not finish in this step
        print_step_prefix(p, r);
        fprintf(stderr, "step %d, finished: score %.4f", n, (double)q->score);
        show_tokens(p, q);
    }
    for (int b = 0; b < beam->B && !beam->done; b++) {
        if (!beam->running[b].live) continue;
        print_step_prefix(p, r);
        fprintf(stderr, "step %d, beam %d: from beam %d, sum %.4f, blocks", n, b, beam->parents[b],
                (double)beam->running[b].sum);
        show_blocks(&cache->self[0][r->slot + b]);
        show_tokens(p, &beam->running[b]);
    }
    queue_unlock(&p->queue);
}

// ---- the program ------------------------------------------------------------------------------------------

static void start_search(const Program *p, Request *r)
{
    if (p->options.num_beams > 1) {
        r->search = beam_search(&r->memory, &p->options, &r->input, r->max_length);
        return;
    }
    r->sequence = sequence_new(&r->memory, &p->options, &r->input, r->max_length, r->sample);
    r->sequence.with_sum = true;
    r->search = greedy_search(&r->memory);
}

static void run_batch(Run *run, State *state)
{
    Program *p = &run->program;
    Batch batch = batch_new(state, &p->model, run->batch_size, p->options.num_beams);
    batch.cache.reorder = run->reorder;
    for (;;) {
        // What is there joins; only for the first of a batch is waited.
        for (Request *r; !batch_full(&batch) && (r = queue_next(&p->queue, batch.n_requests));
             batch_add(&batch, r))
            start_search(p, r);
        if (!batch.n_requests) break;
        batch_step(&batch);
        for (int i = 0; i < batch.max_requests; i++) {
            Request *r = batch.requests[i];
            if (!r) continue;
            if (p->steps) show_step(p, r, &batch.cache);
            if (!r->search->done) continue;
            batch_remove(&batch, r);
            queue_done(&p->queue, r);
        }
    }
    queue_count(&p->queue, state, &batch.times);
    batch_free(&batch);
}

// What each thread does, with a state and a batch of its own.
static void run_thread(void *context, int part, int first, int last)
{
    (void)part, (void)first, (void)last;
    Run *run = context;
    State state = program_state(&run->program, 1);
    run_batch(run, &state);
    state_free(&state);
}

// What has no meaning then.
static void check_one_beam(const Run *run)
{
    const Program *p = &run->program;
    const char *needs = "%s needs more than one beam";
    if (run->reorder != UNSET) cli_error(&p->command, needs, "--reorder");
    if (p->asked.early_stopping != UNSET) cli_error(&p->command, needs, "--early-stopping");
    if (p->steps) cli_error(&p->command, needs, "--steps");
}

int main(int argc, char **argv)
{
    static const char *const early_stopping[] = {"false", "true", "never", NULL};
    static const char *const reorder[] = {"share", "copy", NULL};
    Run run = {
        .batch_size = 16,
        .reorder = UNSET,
        .program.beam_search = true,
        .program.command = {
            .usage = "05_beam MODEL [TEXT...] [options]",
            .about =
                "Prints for each TEXT (or line of stdin, up to its first TAB) the best results that beam "
                "search finds, best first: the text, a TAB, the score, a TAB, the tokens that the model in "
                "the directory MODEL "
                "writes.",
            .example = "build/05_beam data/marian transformer read either",
        }};
    Program *p = &run.program;
    const Option own[] = {
        OPT_INT("--num-beams", "N", &p->asked.num_beams, 1, 4096,
                "hypotheses per text (default: stored if above 1, else 4)"),
        OPT_REAL("--length-penalty", "A", &p->asked.length_penalty, -1e3, 1e3,
                 "a score is the sum divided by length^A (default 1, or stored)"),
        OPT_CHOICE("--early-stopping", "WHEN", &p->asked.early_stopping, early_stopping,
                   "false, true or never: when a text is done (default false, or stored)"),
        OPT_CHOICE("--reorder", "HOW", &run.reorder, reorder,
                   "share blocks of the cache, or copy them (default share)"),
        OPT_INT("--batch-size", "N", &run.batch_size, 1, 65536,
                "at most N texts are decoded together (default 16); " WAITING),
        OPT_END,
    };
    program_start(p, own, argc, argv);
    Options *o = &p->options;
    if (o->num_beams == 1) check_one_beam(&run);
    if (run.reorder == UNSET) run.reorder = REORDER_SHARE;
    if (o->num_return_sequences == UNSET) o->num_return_sequences = o->num_beams;
    if (o->num_return_sequences > o->num_beams)
        cli_error(&p->command, "--num-return-sequences: expected at most the number of beams, %d, found %d",
                  o->num_beams, o->num_return_sequences);
    p->queue.print = print_n_best;
    if (p->one_text) run_batch(&run, &p->state); // the threads divide its matrices
    else queue_share(&p->queue, p->state.workers, run_thread, &run);

    print_summary(p);
    if (p->verbose) {
        print_rows(p);
        fprintf(stderr, ". Cache: %" PRIu64 " bytes copied, %" PRIu64 " bytes shared instead.\n",
                p->queue.bytes_copied, p->queue.bytes_shared);
    }
    return program_end(p);
}
