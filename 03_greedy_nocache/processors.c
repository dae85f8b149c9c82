// SPDX-License-Identifier: MIT
// processors.c -- one function per rule, in the order in which they are applied.
#include "processors.h"
#include <math.h>
#include <string.h>

// s becomes s / penalty, or s * penalty if negative, once for every token that has occurred (Keskar
// et al. 2019).
static void penalize_repetition(float *scores, double penalty, const Sequence *q)
{
    const float p = (float)penalty;
    for (int i = 0; i < q->n; i++) {
        const int id = q->ids[i];
        bool seen = false;
        for (int k = 0; k < i && !seen; k++) seen = q->ids[k] == id;
        if (!seen) scores[id] = scores[id] < 0 ? scores[id] * p : scores[id] / p;
    }
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
        if (word->n > 1 && word->n > q->n) continue;
        if (ends_with(q->ids, q->n, word->ids, word->n - 1)) scores[word->ids[word->n - 1]] = -INFINITY;
    }
}

static void ban(float *scores, const int *ids, int n)
{
    for (int i = 0; i < n; i++) scores[ids[i]] = -INFINITY;
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

void apply_processors(float *scores, const Options *o, const Sequence *q)
{
    const Ids *list = forced(o, q);
    if (o->repetition_penalty != 1) penalize_repetition(scores, o->repetition_penalty, q);
    if (o->no_repeat_ngram_size > 0) ban_repeated_ngrams(scores, o->no_repeat_ngram_size, q);
    ban_bad_words(scores, o, q);
    if (too_short_to_end(o, q)) ban(scores, o->special->eos, o->special->n_eos);
    if (list) {
        for (int v = 0; v < o->vocab; v++) scores[v] = -INFINITY;
        for (int i = 0; i < list->n; i++) scores[list->ids[i]] = 0;
    }
    ban(scores, o->suppress.ids, o->suppress.n);
    const int begin = q->n_prompt + (q->n_prompt <= 1 && o->forced_bos.n > 0);
    if (q->n == begin) ban(scores, o->begin_suppress.ids, o->begin_suppress.n);
}
