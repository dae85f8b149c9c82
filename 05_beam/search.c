// SPDX-License-Identifier: MIT
// search.c -- beam search for the batch of stage 04.
#include "search.h"

static bool advance_beam(Search *search, float *logits, Arena *scratch)
{
    BeamSearch *bs = (BeamSearch *)search;
    Beam *beam = &bs->beam;
    const int V = beam->options->vocab;
    float *log_p = arena_floats(scratch, beam->n_running, V); // (n_running, V)
    for (int b = 0; b < beam->n_running; b++) {
        const History history = {beam->running[b].ids, beam->n, beam->n_prompt, bs->max_length};
        log_softmax(log_p + (size_t)b * V, logits + (size_t)b * V, V);
        process(log_p + (size_t)b * V, beam->options, &history);
    }
    const bool goes_on = beam_advance(beam, log_p);
    search->n_rows = beam->n_running;
    bs->out_of_positions = beam->n == beam->max_length && beam->n < bs->max_length;
    return goes_on;
}

BeamSearch *beam_search(Arena *arena, const Model *m, const Options *o, const Input *input, int max_length)
{
    BeamSearch *bs = arena_alloc(arena, 1, sizeof *bs);
    *bs = (BeamSearch){.max_length = max_length};
    bs->beam = beam_new(arena, o, input->prompt, input->n_prompt, reachable_length(m, max_length));
    bs->search = (Search){advance_beam, bs->beam.n_running, bs->beam.tokens, bs->beam.parents};
    return bs;
}

static bool advance_scored(Search *search, float *logits, Arena *scratch)
{
    ScoredSearch *scored = (ScoredSearch *)search;
    Sequence *q = &scored->single.sequence;
    const History history = {q->ids, q->n, q->n_prompt, q->max_length};
    const bool forced = forced_token(q->options, &history) >= 0;
    float *log_p = arena_floats(scratch, q->options->vocab, 1);
    log_softmax(log_p, logits, q->options->vocab);
    const bool goes_on = single_advance(search, logits, scratch);
    if (!forced) scored->sum += log_p[scored->single.token];
    return goes_on;
}

ScoredSearch *scored_search(Arena *arena, const Model *m, const Options *o, const Input *input,
                            int max_length)
{
    ScoredSearch *scored = arena_alloc(arena, 1, sizeof *scored);
    scored->single = *single_search(arena, m, o, input, max_length, 0);
    scored->single.search.advance = advance_scored;
    scored->single.search.tokens = &scored->single.token;
    scored->sum = 0;
    return scored;
}

float scored_search_score(const ScoredSearch *scored)
{
    const Sequence *q = &scored->single.sequence;
    return scored->sum / length_divisor(q->options, q->n - q->n_prompt);
}
