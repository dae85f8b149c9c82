// SPDX-License-Identifier: MIT
// bench_run.c -- a batch that is stepped with a clock.
#include "bench_run.h"
#include "program.h"
#include <string.h>

Run run_new(State *state, const Subject *subject, int n_texts, int n_beams, int n_prompt, int ragged)
{
    Run run = {.batch = batch_new(state, &subject->packed, n_texts, n_beams)};
    Options *options = arena_alloc(&run.memory, 1, sizeof *options); // they must live as long as the searches
    *options = subject->options;
    options->num_beams = n_beams;
    Request *requests = arena_alloc(&run.memory, n_texts, sizeof *requests);
    for (int i = 0; i < n_texts; i++) {
        Request *r = &requests[i];
        *r = (Request){.input = made_up_input(&run.memory, subject, n_prompt + i * ragged)};
        r->max_length = n_prompt + n_texts * ragged + subject->max_steps + 1;
        r->sequence = sequence_new(&run.memory, options, &r->input, r->max_length, 0);
        r->search = n_beams == 1 ? greedy_search(&run.memory)
                                 : beam_search(&run.memory, options, &r->input, r->max_length);
        batch_add(&run.batch, r);
    }
    batch_read_sources(&run.batch);
    return run;
}

void run_free(Run *run)
{
    for (int i = 0; i < run->batch.max_requests; i++) batch_remove(&run->batch, run->batch.requests[i]);
    batch_free(&run->batch);
    arena_free(&run->memory);
}

const int *run_ids(const Run *run) { return run->batch.requests[0]->sequence.ids; }

double run_step(Run *run)
{
    Batch *b = &run->batch;
    int n_rows;
    const double start = seconds_now();
    const Row *rows = batch_gather_rows(b, &n_rows);
    float *logits = batch_forward(b, rows, n_rows);
    const double computed = seconds_now();
    if (run->logits) memcpy(run->logits, logits, sizeof *logits * b->m->config.vocab);
    const double copied = seconds_now();
    batch_advance(b, logits);
    const double searched = seconds_now();
    batch_reorder(b);
    const double end = seconds_now();
    run->forward = computed - start;
    run->search = searched - copied;
    run->reorder = end - searched;
    return run->forward + run->search + run->reorder;
}
