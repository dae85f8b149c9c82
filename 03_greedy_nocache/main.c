// SPDX-License-Identifier: MIT
// 03_greedy_nocache -- generate one token at a time, and compute everything again for each.
#include "greedy.h"
#include "program.h"

// Called after every step of the newest request.
static void show_token(void *user, const Sequence *q)
{
    Program *p = user;
    if (q->problem > OUT_OF_POSITIONS) return; // no token
    if (p->stream) print_results(p);
    if (!p->steps) return;
    print_step(p->newest, q->n - 1, p->state.decoder_rows);
    print_step_end(p, p->newest);
}

int main(int argc, char **argv)
{
    Program p = {
        .command = {
            .usage = "03_greedy_nocache MODEL [TEXT...] [options]",
            .about = "Prints for each TEXT (or line of stdin, up to its first TAB) the text, a TAB, and the "
                     "tokens that the model in the\n"
                     "directory MODEL writes for it. Every step computes all rows of the decoder again.",
            .example = "build/03_greedy_nocache data/marian transformer",
        }};
    const Option own[] = {OPT_END};
    program_start(&p, own, argc, argv);

    Encoded source = {0};
    for (Request *r; (r = program_next(&p, true));) {
        if (!r->sample) source = encode_input(&p.state, &p.model, r->memory, &r->input); // once per text
        r->sequence = sequence_new(r->memory, &p.options, &r->input, r->max_length, r->sample);
        greedy(&p.state, &p.model, &r->sequence, &source, show_token, &p);
        r->done = true;
        print_results(&p);
    }
    print_summary(&p);
    print_rows_formula(&p);
    return program_end(&p);
}
