// SPDX-License-Identifier: MIT
// 05_beam -- several hypotheses per text share one model and one cache, which is reordered after each step.
#include "program.h"
#include "search.h"
#include <inttypes.h>
#include <stdio.h>

// ---- results ----------------------------------------------------------------------------------------------

static void print_hypothesis(Program *p, Request *r, const Sequence *q, float score)
{
    print_text(r);
    printf("%.6f\t", (double)score);
    print_ids(p, r, q->ids + q->n_prompt, q->n - q->n_prompt);
    print_end(p, r);
}

// Print what is done at the front of the queue.
static void print_n_best(Program *p)
{
    for (Request *r; (r = p->oldest) && r->done;) {
        const Options *o = &p->options;
        const Sequence *q = &r->sequence;
        if (o->num_beams == 1) {
            const int n = q->n - q->n_prompt;
            if (n) print_hypothesis(p, r, q, q->sum / length_divisor(o, n));
            program_drop_oldest(p, q->problem);
            continue;
        }
        const Beam *beam = search_beam(r->search);
        for (int i = 0; i < o->num_return_sequences && (q = beam_result(beam, i)); i++)
            print_hypothesis(p, r, q, q->score);
        program_drop_oldest(p, beam->problem);
    }
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

static void show_step(const Program *p, const Request *r, const KVCache *cache)
{
    if (p->options.num_beams == 1) return;
    const Beam *beam = search_beam(r->search);
    const int n = beam->n - beam->n_prompt;
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
}

// ---- the program ------------------------------------------------------------------------------------------

static void start_search(Program *p, Request *r)
{
    if (p->options.num_beams > 1) {
        r->search = beam_search(r->memory, &p->options, &r->input, r->max_length);
        return;
    }
    r->sequence = sequence_new(r->memory, &p->options, &r->input, r->max_length, r->sample);
    r->sequence.with_sum = true;
    r->search = greedy_search(r->memory);
}

static void run_batch(Program *p, int batch_size, enum Reorder reorder)
{
    Batch batch = batch_new(&p->state, &p->model, batch_size, p->options.num_beams);
    batch.cache.reorder = reorder;
    for (;;) {
        // What is there joins; only for the first of a batch is waited.
        for (Request *r; !batch_full(&batch) && (r = program_next(p, !batch.n_requests));
             batch_add(&batch, r))
            start_search(p, r);
        if (!batch.n_requests) break;
        batch_step(&batch);
        for (int i = 0; i < batch.max_requests; i++) {
            Request *r = batch.requests[i];
            if (!r) continue;
            if (p->steps) show_step(p, r, &batch.cache);
            if (r->search->done) batch_remove(&batch, r);
            print_n_best(p);
        }
    }
    batch_free(&batch);
}

int main(int argc, char **argv)
{
    static const char *const early_stopping[] = {"false", "true", "never", NULL};
    static const char *const reorder[] = {"share", "copy", NULL};
    int how = REORDER_SHARE, batch_size = 16;
    Program p = {
        .beam_search = true,
        .command = {
            .usage = "05_beam MODEL [TEXT...] [options]",
            .about =
                "Prints for each TEXT (or line of stdin, up to its first TAB) the best results that beam "
                "search finds, best first:\n"
                "the text, a TAB, the score, a TAB, the tokens that the model in the directory MODEL "
                "writes.",
            .example = "build/05_beam data/marian transformer read either",
        }};
    const Option own[] = {
        OPT_INT("--num-beams", "N", &p.asked.num_beams, 1, 4096,
                "hypotheses per text (default: stored if above 1, else 4)"),
        OPT_REAL("--length-penalty", "A", &p.asked.length_penalty, -1e3, 1e3,
                 "a score is the sum divided by length^A (default 1, or stored)"),
        OPT_CHOICE("--early-stopping", "WHEN", &p.asked.early_stopping, early_stopping,
                   "false, true or never: when a text is done (default false, or stored)"),
        OPT_CHOICE("--reorder", "HOW", &how, reorder,
                   "share blocks of the cache, or copy them (default share)"),
        OPT_INT("--batch-size", "N", &batch_size, 1, 65536,
                "at most N texts are decoded together (default 16); " WAITING),
        OPT_END,
    };
    program_start(&p, own, argc, argv);
    Options *o = &p.options;
    if (o->num_return_sequences == UNSET) o->num_return_sequences = o->num_beams;
    if (o->num_return_sequences > o->num_beams)
        cli_error(&p.command, "--num-return-sequences: expected at most the number of beams, %d, found %d",
                  o->num_beams, o->num_return_sequences);
    run_batch(&p, batch_size, how);

    print_summary(&p);
    fprintf(stderr, ". Cache: %" PRIu64 " bytes copied, %" PRIu64 " bytes shared instead.\n",
            p.state.pool.bytes_copied, p.state.pool.bytes_shared);
    return program_end(&p);
}
