// SPDX-License-Identifier: MIT
// 05_beam -- several hypotheses per text share one model and one cache, which is put in order after each step.
#include "search.h"
#include <inttypes.h>
#include <stdio.h>

static void start(Pipeline *p, Item *item)
{
    const Program *program = p->program;
    const Line *line = item->line;
    Arena *arena = &item->line->memory;
    const bool one = program->options.num_beams == 1;
    if (one)
        item->work = scored_search(arena, &program->model, &program->options, &line->input, line->max_length);
    else item->work = beam_search(arena, &program->model, &program->options, &line->input, line->max_length);
    item->job.search = item->work; // a Search is the first thing in both
}

static void print_result(Pipeline *p, const Item *item, const int *ids, int n, float score)
{
    bool first = true;
    print_begin(item->line);
    printf("%.6f\t", (double)score);
    for (int i = item->line->input.n_prompt; i < n; i++) print_token(p->program, ids[i], &first);
    print_end(p->program, n - item->line->input.n_prompt);
}

static void print(Pipeline *p, Item *item)
{
    bool out_of_positions;
    if (!item->done) return;
    if (p->program->options.num_beams == 1) {
        const ScoredSearch *scored = item->work;
        const Sequence *q = &scored->single.sequence;
        print_result(p, item, q->ids, q->n, scored_search_score(scored));
        out_of_positions = q->out_of_positions;
    } else {
        const BeamSearch *bs = item->work;
        const Hypothesis *h;
        for (int i = 0; i < p->program->options.num_return_sequences && (h = beam_result(&bs->beam, i)); i++)
            print_result(p, item, h->ids, h->n, h->score);
        out_of_positions = bs->out_of_positions;
    }
    if (out_of_positions) line_out_of_positions(p->program, item->line);
}

// The blocks of layer 0: how many hypotheses share each; * marks one that is copied before it is written to.
static void print_blocks(const KV *kv)
{
    for (int block = 0; block * KV_BLOCK < kv->length; block++) {
        const int references = kv_references(kv, block);
        const bool partly_filled = (block + 1) * KV_BLOCK > kv->length;
        fprintf(stderr, " %d%s", references, references > 1 && partly_filled ? "*" : "");
    }
}

static void print_hypothesis(const Pipeline *p, const Beam *beam, const Hypothesis *h)
{
    Arena arena = {0};
    fprintf(stderr, ":");
    for (int i = beam->n_prompt; i < h->n; i++)
        fprintf(stderr, " %s", codec_label(&p->program->codec, &arena, h->ids[i]));
    fprintf(stderr, "\n");
    arena_free(&arena);
}

static void step(Pipeline *p, Item *item)
{
    if (p->program->options.num_beams == 1) return;
    const BeamSearch *bs = item->work;
    const Beam *beam = &bs->beam;
    const int n = beam->n - beam->n_prompt;
    for (int b = 0; b < beam->B; b++) {
        if (!beam->pool[b].finished || beam->pool[b].n != beam->n) continue; // finished in this step
        print_step_prefix(p, item);
        fprintf(stderr, "step %d, finished: score %.4f", n, (double)beam->pool[b].score);
        print_hypothesis(p, beam, &beam->pool[b]);
    }
    for (int b = 0; b < beam->B && !beam->done; b++) {
        print_step_prefix(p, item);
        fprintf(stderr, "step %d, beam %d: from beam %d, sum %.4f, blocks", n, b, beam->parents[b],
                (double)beam->running[b].sum);
        print_blocks(&p->cache.self[0][item->job.place * p->stage->width + b]);
        print_hypothesis(p, beam, &beam->running[b]);
    }
}

int main(int argc, char **argv)
{
    static const char *const early_stopping[] = {"false", "true", "never", NULL};
    static const char *const reorder[] = {"share", "copy", NULL};
    Program p = {.asked = options_unset(), .beam_search = true, .batch_size = 16, .n_threads = 1};
    int how = REORDER_SHARE;
    const Option own[] = {
        {"--num-beams", "N", "hypotheses per text (default: stored if above 1, else 4)", OPTION_INT,
         &p.asked.num_beams, NULL, 1, 4096, NULL},
        {"--length-penalty", "A", "a score is the sum divided by length^A (default 1, or stored)",
         OPTION_REAL, &p.asked.length_penalty, NULL, -1e3, 1e3, NULL},
        {"--early-stopping", "WHEN", "false, true or never: when a text is done (default false, or stored)",
         OPTION_CHOICE, &p.asked.early_stopping, NULL, 0, 0, early_stopping},
        {"--reorder", "HOW", "share blocks of the cache, or copy them (default share)", OPTION_CHOICE, &how,
         NULL, 0, 0, reorder},
        {0},
    };
    const int status = program_start(
        &p, "05_beam MODEL [TEXT...] [options]",
        "Prints for each TEXT (or line of stdin, up to its first TAB) the best results that beam search "
        "finds, best first:\n"
        "the text, a TAB, the score, a TAB, the tokens that the model in the directory MODEL writes.",
        "build/05_beam data/marian transformer read either", own, argc, argv);
    if (status >= 0) return status;
    const Stage stage = {p.options.num_beams, 1, start, print, step};
    Pipeline pipeline;
    pipeline_run(&pipeline, &p, &stage, how);
    print_summary(&p);
    fprintf(stderr,
            "Decoder rows computed: %" PRIu64 ". Cache: %" PRIu64 " bytes copied, %" PRIu64
            " bytes shared instead.\n",
            p.state.decoder_rows, p.state.pool.bytes_copied, p.state.pool.bytes_shared);
    pipeline_free(&pipeline);
    return program_end(&p);
}
