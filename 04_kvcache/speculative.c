// SPDX-License-Identifier: MIT
// speculative.c -- the draft guesses, the model checks.
#include "speculative.h"
#include "tensor/loops.h"
#include <string.h>

void speculative_greedy(State *s, const Model *m, Sequence *q, const Input *input, KVCache *cache, int slot,
                        Draft *draft, OnToken *on_token, void *user)
{
    Arena arena = {0}, memory = {0};
    Guess guess = guess_new(&memory, q, input, slot), *const guesses = &guess;
    while (!q->ended) {
        arena_reset(&arena);
        // 1. Guess: the draft continues the text by some tokens.
        draft->guess(draft, &guesses, 1);

        // 2. Compute the rows of all of them in one pass.
        const int held = kvcache_length(cache, slot), n = q->n + guess.n - held;
        Row *rows = arena_alloc(&arena, n, sizeof *rows);
        kvcache_rows(cache, rows, slot, guess.ahead.ids + held, n, 1 + guess.n);
        float *logits = kvcache_forward(s, m, cache, rows, n); // (1 + guesses, V)

        // 3. Take what the model picks, as long as it was guessed: only then the next row is of this text.
        guess_check(draft, &guess, q, logits, &s->scratch, on_token, user);

        // 4. Forget the rows behind it.
        kvcache_truncate(cache, slot, q->n - 1);
    }
    arena_free(&arena);
    arena_free(&memory);
}

Guess guess_new(Arena *arena, const Sequence *text, const Input *input, int slot)
{
    Guess guess = {.text = text, .input = *input, .slot = slot, .ahead = *text};
    guess.ahead.ids = arena_alloc(arena, within_positions(text->options, text->max_length), sizeof(int));
    return guess;
}

void guess_check(Draft *d, const Guess *g, Sequence *q, float *logits, Arena *scratch, OnToken *on_token,
                 void *user)
{
    const int V = q->options->vocab;
    int taken = 0;
    bool right;
    do {
        const int n = q->n;
        sequence_advance(q, logits + (size_t)taken * V, scratch);
        right = taken < g->n && q->n > n && q->ids[n] == g->ahead.ids[n];
        taken += right;
        if (on_token) on_token(user, q);
    } while (right && !q->ended);
    d->n_passes++;
    d->n_guessed += g->n;
    d->n_taken += taken;
}

// ---- a model as a draft -----------------------------------------------------------------------------------

// Whether the draft can go on: with fewer positions than the model it may not.
static bool can_guess(const Draft *d, const Guess *g)
{
    return !g->ahead.ended && g->ahead.n <= d->cache.limit && g->input.n_source <= d->cache.limit;
}

// Go back from the guesses of last time to the text, and read the source of one that begins.
static void begin(Draft *d, Guess *g)
{
    int *ids = g->ahead.ids;
    g->ahead = *g->text; // with the random numbers that the model will use
    g->ahead.ids = memcpy(ids, g->text->ids, g->text->n * sizeof *ids);
    g->n = 0;
    kvcache_truncate(&d->cache, g->slot, smaller(kvcache_length(&d->cache, g->slot), g->text->n - 1));
    if (can_guess(d, g) && !kvcache_has_source(&d->cache, g->slot))
        kvcache_read_source(&d->state, d->model, &d->cache, g->slot, &g->input);
}

// Each draft starts the decoder with its own token.
static int draft_rows(const Draft *d, const Guess *g, Row *rows)
{
    const int held = kvcache_length(&d->cache, g->slot), n = g->ahead.n - held;
    kvcache_rows(&d->cache, rows, g->slot, g->ahead.ids + held, n, 1);
    if (held == 0 && d->model->config.has_encoder) rows[0].token = d->model->ids.start;
    return n;
}

static void guess_by_model(Draft *d, Guess *const *guesses, int n)
{
    const int V = d->model->config.vocab;
    Arena arena = {0};
    for (int i = 0; i < n; i++) begin(d, guesses[i]);
    for (int k = 0; k < d->n_tokens; k++) {
        arena_reset(&arena);
        int max_rows = 0, n_rows = 0;
        for (int i = 0; i < n; i++) max_rows += guesses[i]->ahead.n;
        Row *rows = arena_alloc(&arena, max_rows, sizeof *rows);
        for (int i = 0; i < n; i++)
            if (can_guess(d, guesses[i])) n_rows += draft_rows(d, guesses[i], rows + n_rows);
        if (!n_rows) break;
        float *logits = kvcache_forward(&d->state, d->model, &d->cache, rows, n_rows);
        for (int i = 0; i < n; i++) {
            if (!can_guess(d, guesses[i])) continue;
            sequence_advance(&guesses[i]->ahead, logits, &d->state.scratch);
            logits += V;
        }
    }
    // What follows the last token of an output is not asked for.
    for (int i = 0; i < n; i++) {
        const Sequence *ahead = &guesses[i]->ahead;
        const int guessed = ahead->n - guesses[i]->text->n;
        guesses[i]->n = ahead->ended && guessed ? guessed - 1 : guessed;
    }
    arena_free(&arena);
}

bool draft_fits(const Codec *draft, const Codec *model, Error *error)
{
    const Config *d = &draft->model->config, *m = &model->model->config;
    if (d->has_encoder != m->has_encoder)
        return fail(error, "it has %s encoder, unlike the model", d->has_encoder ? "an" : "no");
    if (d->vocab != m->vocab || d->source_vocab != m->source_vocab)
        return fail(error, "expected the model's vocabulary of %d tokens, found one of %d",
                    d->vocab != m->vocab ? m->vocab : m->source_vocab,
                    d->vocab != m->vocab ? d->vocab : d->source_vocab);
    for (int id = 0; id < m->vocab && !model->as_ids; id++) {
        const char *found = codec_label(draft, NULL, id), *expected = codec_label(model, NULL, id);
        if (strcmp(found, expected))
            return fail(error, "token %d is \"%s\", and \"%s\" in the model's vocabulary", id, found,
                        expected);
    }
    return true;
}

void draft_open(Draft *d, const Model *model, int n_tokens, int n_slots)
{
    *d = (Draft){.guess = guess_by_model, .n_tokens = n_tokens, .model = model, .state = state_new(model, 1)};
    d->cache = kvcache_new(&d->state, model, n_slots, 0);
}

void draft_close(Draft *d)
{
    kvcache_free(&d->cache);
    state_free(&d->state);
}
