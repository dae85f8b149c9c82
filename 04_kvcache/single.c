// SPDX-License-Identifier: MIT
// single.c -- one hypothesis per text, with a cache.
#include "single.h"
#include <inttypes.h>
#include <stdio.h>

bool single_advance(Search *search, float *logits, Arena *scratch)
{
    SingleSearch *single = (SingleSearch *)search;
    sequence_advance(&single->sequence, logits, scratch);
    single->token = single->sequence.ids[single->sequence.n - 1];
    return !single->sequence.ended;
}

SingleSearch *single_search(Arena *arena, const Model *m, const Options *o, const Input *input,
                            int max_length, int sample)
{
    SingleSearch *single = arena_alloc(arena, 1, sizeof *single);
    *single = (SingleSearch){.search = {single_advance, 1, &single->token, NULL},
                             .sequence = sequence_new(arena, m, o, input, max_length, sample)};
    return single;
}

static void start(Pipeline *p, Item *item)
{
    Program *program = p->program;
    SingleSearch *single = single_search(&item->line->memory, &program->model, &program->options,
                                         &item->line->input, item->line->max_length, item->sample);
    item->work = single;
    item->job.search = &single->search;
}

static void print(Pipeline *p, Item *item)
{
    const Sequence *q = &((SingleSearch *)item->work)->sequence;
    const int produced = q->n - q->n_prompt;
    if (!item->begun) print_begin(item->line);
    bool first = !item->begun || item->nothing_shown;
    item->begun = true;
    while (item->n_printed < produced)
        print_token(p->program, q->ids[q->n_prompt + item->n_printed++], &first);
    item->nothing_shown = first;
    if (!item->done) return;
    print_end(p->program, produced);
    if (q->out_of_positions) line_out_of_positions(p->program, item->line);
}

static void step(Pipeline *p, Item *item)
{
    const Sequence *q = &((SingleSearch *)item->work)->sequence;
    const int produced = q->n - q->n_prompt, rows = produced == 1 ? q->n_prompt : 1, slot = item->job.place;
    Arena arena = {0};
    print_step_prefix(p, item);
    fprintf(stderr, "step %d: %d row%s computed, %d so far; %d positions held, %zu bytes: %s\n", produced,
            rows, rows == 1 ? "" : "s", q->n - 1, kvcache_length(&p->cache, slot),
            kvcache_bytes(&p->cache, slot) + kvcache_cross_bytes(&p->cache, slot),
            codec_label(&p->program->codec, &arena, q->ids[q->n - 1]));
    arena_free(&arena);
}

// Bytes of the cache by layer and kind, against weights and activations. The formula is in TUTORIAL.md, chapter 4.
static void print_memory(const Pipeline *p)
{
    const Model *m = &p->program->model;
    const int L = m->config.decoder.n_layers;
    const size_t row =
        sizeof(float) * m->config.decoder.n_heads * m->config.decoder.head_width; // a key, or a value
    fprintf(stderr,
            "Cache: %zu bytes per token = %d layers x (key %zu + value %zu); largest text: %zu bytes self",
            2 * L * row, L, row, row, p->largest_self);
    if (m->config.has_encoder) fprintf(stderr, ", %zu cross", p->largest_cross);
    fprintf(stderr, ", in blocks of %d tokens.\nWeights: %zu bytes decoder", KV_BLOCK,
            model_weight_bytes(m, false));
    if (m->config.has_encoder) fprintf(stderr, ", %zu encoder", model_weight_bytes(m, true));
    fprintf(stderr, "; activations: %zu bytes.\n", arena_bytes(&p->program->state.scratch));
}

int run_with_cache(Program *program)
{
    const Stage stage = {1, program->options.num_return_sequences, start, print, step};
    Pipeline p;
    pipeline_run(&p, program, &stage, REORDER_SHARE);
    print_summary(program);
    fprintf(stderr, "Decoder rows computed: %" PRIu64 ".\n", program->state.decoder_rows);
    print_memory(&p);
    pipeline_free(&p);
    return program_end(program);
}
