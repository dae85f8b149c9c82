// SPDX-License-Identifier: MIT
// greedy.c -- forward, process, pick, append; again.
#include "greedy.h"
#include <string.h>

Sequence sequence_new(Arena *arena, const Model *model, const Options *options, const Input *input,
                      int max_length, int sample)
{
    Sequence q = {.model = model, .options = options, .n = input->n_prompt, .n_prompt = input->n_prompt};
    q.max_length = max_length;
    q.random = random_stream(options->seed, (uint64_t)sample);
    q.ids = arena_alloc(arena, reachable_length(model, max_length), sizeof *q.ids);
    memcpy(q.ids, input->prompt, q.n * sizeof *q.ids);
    return q;
}

void sequence_advance(Sequence *q, float *logits, Arena *scratch)
{
    const History history = {q->ids, q->n, q->n_prompt, q->max_length};
    process(logits, q->options, &history);
    const int token = pick(logits, q->options, &q->random, scratch);
    q->ids[q->n++] = token;
    q->ended = is_end(&q->model->ids, token) || q->n == q->max_length;
    if (!q->ended && q->n == longest_possible(q->model)) q->ended = q->out_of_positions = true;
}

void greedy(State *s, const Model *m, Sequence *q, const Encoded *source, OnToken *on_token, void *user)
{
    Arena arena = {0};
    while (!q->ended) {
        arena_reset(&arena);
        Row *rows = arena_alloc(&arena, q->n, sizeof *rows);
        rows_of_text(rows, q->ids, q->n, 1);                       // all tokens so far; logits of the last
        float *logits = decoder_forward(s, m, rows, q->n, source); // (1, V)
        sequence_advance(q, logits, &s->scratch);                  // process, pick, append
        on_token(user, q);
    }
    arena_free(&arena);
}
