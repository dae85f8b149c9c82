// SPDX-License-Identifier: MIT
// sequence.c -- process, pick, append.
#include "sequence.h"
#include "processors.h"
#include <string.h>

Sequence sequence_new(Arena *arena, const Options *o, const Input *input, int max_length, int sample)
{
    Sequence q = {.options = o, .n = input->n_prompt, .n_prompt = input->n_prompt, .max_length = max_length};
    q.random = random_stream(o->seed, (uint64_t)sample);
    q.ids = arena_alloc(arena, within_positions(o, max_length), sizeof *q.ids);
    memcpy(q.ids, input->prompt, q.n * sizeof *q.ids);
    return q;
}

void sequence_advance(Sequence *q, float *logits, Arena *scratch)
{
    apply_processors(logits, q->options, q);
    const int token = pick(logits, q->options, &q->random, scratch);
    q->ids[q->n++] = token;
    q->ended = is_end(q->options->special, token) || q->n == q->max_length;
    if (!q->ended && q->n == within_positions(q->options, q->max_length))
        q->ended = q->out_of_positions = true;
}
