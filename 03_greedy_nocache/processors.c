// SPDX-License-Identifier: MIT
// processors.c -- one function per rule, in the order in which they are applied.
#include "processors.h"
#include <math.h>
#include <string.h>

bool logits_usable(const float *logits, int V)
{
    int n_bad = 0; // counted, not left early: such a loop vectorises
    for (int v = 0; v < V; v++) n_bad += !(logits[v] < INFINITY);
    return n_bad == 0;
}

// s becomes s / penalty, or s * penalty if negative, once for every token that has occurred (Keskar
// et al. 2019).
static void penalize_repetition(float *scores, const Options *o, const Sequence *q, Arena *scratch)
{
    const float penalty = (float)o->repetition_penalty;
    const ArenaMark mark = arena_mark(scratch);
    bool *seen = arena_alloc(scratch, o->vocab, sizeof *seen); // (V)
    memset(seen, 0, o->vocab * sizeof *seen);
    for (int i = 0; i < q->n; i++) {
        float *s = &scores[q->ids[i]];
        if (!seen[q->ids[i]]) *s = *s < 0 ? *s * penalty : *s / penalty;
        seen[q->ids[i]] = true;
    }
    arena_release(scratch, mark);
}

// The only place where an id of the options is an index: one that is not in the vocabulary never occurs.
static void set_score(float *scores, const Options *o, int id, float score)
{
    if (id >= 0 && id < o->vocab) scores[id] = score;
}

static void ban(float *scores, const Options *o, const Ids *list)
{
    for (int i = 0; i < list->n; i++) set_score(scores, o, list->ids[i], -INFINITY);
}

// Does `list` (n) end just before position `end` of the ids?
static bool ends_with(const int *ids, int end, const int *list, int n)
{
    return n <= end && !memcmp(ids + end - n, list, n * sizeof *list);
}

// Ban each token that has followed the last n-1 ids before.
static void ban_repeated_ngrams(float *scores, int n, const Sequence *q)
{
    for (int i = n - 1; i < q->n; i++)
        if (ends_with(q->ids, i, q->ids + q->n - (n - 1), n - 1)) scores[q->ids[i]] = -INFINITY;
}

static void ban_bad_words(float *scores, const Options *o, const Sequence *q)
{
    for (int i = 0; i < o->n_bad_words; i++) {
        const Ids *word = &o->bad_words[i];
        if (ends_with(q->ids, q->n, word->ids, word->n - 1))
            set_score(scores, o, word->ids[word->n - 1], -INFINITY);
    }
}

static bool too_short_to_end(const Options *o, const Sequence *q)
{
    if (o->min_new_tokens != UNSET) return q->n - q->n_prompt < o->min_new_tokens; // wins over min_length
    return q->n < o->min_length;
}

// What must come next: tokens, or NULL if nothing is forced.
static const Ids *forced(const Options *o, const Sequence *q)
{
    if (o->forced_eos.n && q->n == q->max_length - 1) return &o->forced_eos;
    return o->forced_bos.n && q->n == 1 ? &o->forced_bos : NULL;
}

int forced_token(const Options *o, const Sequence *q)
{
    const Ids *list = forced(o, q);
    return list ? list->ids[0] : -1;
}

void apply_processors(float *scores, const Options *o, const Sequence *q, Arena *scratch)
{
    const Ids *list = forced(o, q);
    if (o->repetition_penalty != 1) penalize_repetition(scores, o, q, scratch);
    if (o->no_repeat_ngram_size > 0) ban_repeated_ngrams(scores, o->no_repeat_ngram_size, q);
    ban_bad_words(scores, o, q);
    if (too_short_to_end(o, q)) ban(scores, o, &o->special->eos);
    if (list) {
        for (int v = 0; v < o->vocab; v++) scores[v] = -INFINITY;
        for (int i = 0; i < list->n; i++) set_score(scores, o, list->ids[i], 0);
    }
    ban(scores, o, &o->suppress);
    const int begin = q->n_prompt + (q->n_prompt <= 1 && o->forced_bos.n > 0);
    if (q->n == begin) ban(scores, o, &o->begin_suppress);
}
