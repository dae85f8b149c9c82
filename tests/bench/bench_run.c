// SPDX-License-Identifier: MIT
// bench_run.c -- batch_run() of 04_kvcache/batch.c, taken apart.
#include "bench_run.h"
#include "program.h"
#include <string.h>

static Search *search_new(Arena *arena, const Subject *subject, int width, const Input *input, int max_length)
{
    Options *options = arena_alloc(arena, 1, sizeof *options); // which live as long as the search
    *options = subject->options;
    options->num_beams = width;
    if (width == 1) return &single_search(arena, &subject->packed, options, input, max_length, 0)->search;
    return &beam_search(arena, &subject->packed, options, input, max_length)->search;
}

static void read_source(Run *run, int text)
{
    const Input *input = &run->inputs[text];
    const int slot = text * run->width;
    Row *rows = arena_alloc(&run->memory, input->n_source, sizeof *rows);
    rows_of_text(rows, input->source, input->n_source, 0);
    for (int i = 0; i < input->n_source; i++) rows[i].sequence = slot;
    kvcache_read_sources(run->state, run->model, &run->cache, rows, input->n_source);
    for (int b = 1; b < run->width; b++) kvcache_share_source(&run->cache, slot + b, slot);
}

Run run_new(State *state, const Subject *subject, int n_texts, int width, int n_prompt, int ragged)
{
    Run run = {.state = state, .model = &subject->packed, .n_texts = n_texts, .width = width};
    const int longest = n_prompt + n_texts * ragged + subject->most_steps;
    run.inputs = arena_alloc(&run.memory, n_texts, sizeof *run.inputs);
    run.searches = arena_alloc(&run.memory, n_texts, sizeof *run.searches);
    run.cache = kvcache_new(state, run.model, n_texts * width, longest);
    for (int i = 0; i < n_texts; i++) {
        run.inputs[i] = made_up_input(&run.memory, subject, n_prompt + i * ragged);
        run.searches[i] = search_new(&run.memory, subject, width, &run.inputs[i], longest + 1);
        read_source(&run, i);
    }
    return run;
}

void run_free(Run *run)
{
    kvcache_free(&run->cache);
    arena_free(&run->memory);
}

const int *run_ids(const Run *run) { return ((const SingleSearch *)run->searches[0])->sequence.ids; }

static int rows_of_search(const Run *run, int text)
{
    return run->begun ? run->searches[text]->n_rows : run->inputs[text].n_prompt;
}

static Row *gather_rows(const Run *run, Arena *arena, int *n_rows)
{
    *n_rows = 0;
    for (int i = 0; i < run->n_texts; i++) *n_rows += rows_of_search(run, i);
    Row *rows = arena_alloc(arena, *n_rows, sizeof *rows), *row = rows;
    for (int i = 0; i < run->n_texts; row += rows_of_search(run, i++)) {
        const int slot = i * run->width;
        const Input *input = &run->inputs[i];
        if (!run->begun) kvcache_rows(&run->cache, row, slot, input->prompt, input->n_prompt, 1);
        else
            for (int b = 0; b < run->searches[i]->n_rows; b++)
                kvcache_rows(&run->cache, row + b, slot + b, &run->searches[i]->tokens[b], 1, 1);
    }
    return rows;
}

static void advance_searches(Run *run, float *logits)
{
    for (int i = 0; i < run->n_texts; i++) {
        Search *search = run->searches[i];
        const size_t n = search->n_rows; // before it changes
        search->advance(search, logits, &run->state->scratch);
        logits += n * run->model->config.vocab;
    }
}

static void reorder(Run *run)
{
    for (int i = 0; i < run->n_texts; i++)
        if (run->searches[i]->parents)
            kvcache_reorder(&run->cache, i * run->width, run->searches[i]->n_rows, run->searches[i]->parents);
}

double run_step(Run *run)
{
    Arena arena = {0};
    int n_rows;
    const double start = seconds_now();
    const Row *rows = gather_rows(run, &arena, &n_rows);
    float *logits = kvcache_forward(run->state, run->model, &run->cache, rows, n_rows);
    const double computed = seconds_now();
    if (run->logits) memcpy(run->logits, logits, sizeof *logits * run->model->config.vocab);
    const double copied = seconds_now();
    advance_searches(run, logits);
    const double searched = seconds_now();
    reorder(run);
    const double end = seconds_now();
    arena_free(&arena);
    run->begun = true;
    run->forward = computed - start;
    run->search = searched - copied;
    run->reorder = end - searched;
    return run->forward + run->search + run->reorder;
}
