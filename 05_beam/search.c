// SPDX-License-Identifier: MIT
// search.c -- beam search for the batch of stage 04.
#include "search.h"
#include "processors.h"

static bool advance_beam(Request *r, float *logits, Arena *scratch)
{
    Beam *beam = &((BeamSearch *)r->search)->beam;
    const int V = beam->options->vocab;
    float *log_p = arena_floats(scratch, beam->n_running, V); // (n_running, V)
    bool usable = true;
    for (int b = 0; b < beam->n_running; b++, logits += V) {
        float *row = log_p + (size_t)b * V;
        log_softmax(row, logits, V);
        apply_processors(row, beam->options, &beam->running[b], scratch);
        if (beam->options->renormalize_logits) log_softmax(row, row, V);
        if (logits_usable(logits, V)) continue;
        for (int v = 0; v < V; v++) row[v] = -INFINITY; // nothing can follow this hypothesis
        usable = usable && !beam->running[b].live;
    }
    const bool goes_on = beam_advance(beam, log_p);
    if (beam->problem == ALL_BANNED && !usable) beam->problem = NOT_FINITE;
    r->search->n_rows = beam->n_running;
    return goes_on;
}

Search *beam_search(Arena *arena, const Options *o, const Input *input, int max_length)
{
    BeamSearch *bs = arena_alloc(arena, 1, sizeof *bs);
    bs->beam = beam_new(arena, o, input->prompt, input->n_prompt, max_length);
    bs->search = (Search){.advance = advance_beam,
                          .n_rows = bs->beam.n_running,
                          .tokens = bs->beam.tokens,
                          .parents = bs->beam.parents};
    return &bs->search;
}

const Beam *search_beam(const Search *search) { return &((const BeamSearch *)search)->beam; }
