// SPDX-License-Identifier: MIT
// speculative.h -- guess ahead: a draft, which is fast, guesses the next tokens of a text, and the model
// checks all of them in one pass. A pass reads the weights once, and that is most of the time of a step.
//
// Nothing is accepted by a rule. Each row's logits have the bits that they would have had alone, so what the
// model picks from them (by any rules, with the random number of that position) is what it would have picked.
// A guess only decides whether the next row was worth computing: the output does not depend on the draft.
//
// Sources: Leviathan, Kalman and Matias 2023; Chen et al. 2023 (who accept guesses at random in such a way
// that the distribution of samples is the same; here the samples themselves are).
#ifndef SPECULATIVE_H
#define SPECULATIVE_H
#include "greedy.h"
#include "kvcache.h"
#include "text/codec.h"

// A text, and how it might go on.
typedef struct {
    const Sequence *text;
    Input input;    // of the text
    int slot;       // of the draft's cache
    Sequence ahead; // the text and the guesses; its ids are its own
    int n;          // guesses to be checked
} Guess;

// A draft. By default it is a model with a cache of its own, which has the same slots.
typedef struct Draft {
    void (*guess)(struct Draft *draft, Guess *const *guesses,
                  int n); // for n texts, in all of `ahead` and `n`
    int n_tokens;         // K: guesses per text
    const Model *model;
    State state;
    KVCache cache;
    uint64_t n_passes, n_guessed, n_taken; // per text: passes of the model; guesses; those that were right
} Draft;

// Whether a model can guess for another: the same tokens (of ids only their number is known), and the same
// kind of input. False with a message if not.
bool draft_fits(const Codec *draft, const Codec *model, Error *error);
// The draft may not move.
void draft_open(Draft *draft, const Model *model, int n_tokens, int n_slots);
void draft_close(Draft *draft);

// For a text that begins; the text must live as long. Everything in arena. (It may have several guesses.)
Guess guess_new(Arena *arena, const Sequence *text, const Input *input, int slot);
// From their logits (1 + guess->n, V): let the text advance by what the model picks, as long as this was
// guessed, and by one token more. on_token (it may be NULL) is called after each.
void guess_check(Draft *draft, const Guess *guess, Sequence *text, float *logits, Arena *scratch,
                 OnToken *on_token, void *user);

// kvcache_greedy() with a draft: the same sequence, in fewer passes of the model. The slot of the model's
// cache holds the source, that of the draft's cache nothing.
void speculative_greedy(State *s, const Model *m, Sequence *sequence, const Input *input, KVCache *cache,
                        int slot, Draft *draft, OnToken *on_token, void *user);

#endif
