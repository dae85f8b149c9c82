// SPDX-License-Identifier: MIT
// sequence.c -- process, pick, append.
#include "sequence.h"
#include "processors.h"
#include <string.h>

Sequence sequence_new(Arena *arena, const Options *o, const Input *input, int max_length, int sample)
{
    Sequence q = {.options = o, .n = input->n_prompt, .n_prompt = input->n_prompt, .max_length = max_length};
    q.random = random_stream(o->seed, (uint64_t)sample);
    random_stir(&q.random, input->source, input->n_source);
    random_stir(&q.random, input->prompt, input->n_prompt);
    q.ids = arena_alloc(arena, within_positions(o, max_length), sizeof *q.ids);
    memcpy(q.ids, input->prompt, q.n * sizeof *q.ids);
    return q;
}

static void stop(Sequence *q, Problem problem)
{
    q->ended = true;
    q->problem = problem;
}

void sequence_advance(Sequence *q, float *logits, Arena *scratch)
{
    const Options *o = q->options;
    const bool usable = logits_usable(logits, o->vocab);
    apply_processors(logits, o, q, scratch);
    const int token = usable ? pick(logits, o, &q->random, scratch) : NO_TOKEN;
    if (token == NO_TOKEN) {
        stop(q, usable ? ALL_BANNED : NOT_FINITE);
        return;
    }
    q->ids[q->n++] = token;
    q->ended = is_end(o->special, token) || q->n == q->max_length;
    if (!q->ended && q->n == within_positions(o, q->max_length)) stop(q, OUT_OF_POSITIONS);
}

bool sequence_is_cut(const Sequence *q)
{
    const Options *o = q->options;
    return q->n == q->max_length && (o->forced_eos.n || !is_end(o->special, q->ids[q->n - 1]));
}
