// SPDX-License-Identifier: MIT
// 03_greedy_nocache -- generate one token at a time, and compute everything again for each.
#include "greedy.h"
#include "program.h"

typedef struct {
    Program program;
    const Request *request; // that is decoded
    Times times;
} Run;

// Called after every step.
static void show_token(void *user, const Sequence *q)
{
    Run *run = user;
    Program *p = &run->program;
    if (q->problem > OUT_OF_POSITIONS) return; // no token
    const int n_rows = q->n - 1;
    const double seconds = times_add_step(&run->times, n_rows == q->n_prompt ? n_rows - 1 : 0, n_rows);
    queue_show(&p->queue);
    if (p->steps) {
        print_step(run->request, n_rows, p->state.decoder_rows, seconds);
        print_step_end(p, run->request);
    }
    watch_rows(&p->watch, q->ids, q->n, 0);
    times_skip(&run->times);
}

int main(int argc, char **argv)
{
    Run run = {
        .program.command = {
            .usage = "03_greedy_nocache MODEL [TEXT...] [options]",
            .about = "Prints for each TEXT (or line of stdin, up to its first TAB) the text, a TAB, and the "
                     "tokens that the model in the directory MODEL writes for it. Every step computes all "
                     "rows of the decoder again.",
            .example = "build/03_greedy_nocache data/marian transformer",
        }};
    Program *p = &run.program;
    const Option own[] = {OPT_END};
    program_start(p, own, argc, argv);

    Arena memory = {0};
    Encoded source = {0};
    for (Request *r; (r = queue_next(&p->queue, 0));) {
        run.request = r;
        times_skip(&run.times);
        p->watch.input = r->input;
        if (!r->sample) { // once per text
            arena_reset(&memory);
            source = encode_input(&p->state, &p->model, &memory, &r->input);
        }
        times_add_source(&run.times);
        r->sequence = sequence_new(&r->memory, &p->options, &r->input, r->max_length, r->sample);
        watch_rows(&p->watch, r->sequence.ids, r->sequence.n, 0);
        greedy(&p->state, &p->model, &r->sequence, &source, show_token, &run);
        queue_done(&p->queue, r);
    }
    arena_free(&memory);
    queue_count(&p->queue, &p->state, &run.times);
    watch_end(&p->watch, &p->command);
    print_summary(p);
    if (p->verbose) {
        print_rows(p);
        print_rows_formula(p);
    }
    return program_end(p);
}
