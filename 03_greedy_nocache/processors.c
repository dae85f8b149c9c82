// SPDX-License-Identifier: MIT
// processors.c -- one function per rule, in the order in which they are applied.
#include "processors.h"
#include <math.h>
#include <string.h>

// s becomes s / penalty, or s * penalty if negative, once for every token that has occurred (Keskar et al. 2019).
static void penalize_repetition(float *scores, double penalty, const History *h)
{
    const float p = (float)penalty;
    for (int i = 0; i < h->n; i++) {
        const int id = h->ids[i];
        bool seen = false;
        for (int k = 0; k < i && !seen; k++) seen = h->ids[k] == id;
        if (!seen) scores[id] = scores[id] < 0 ? scores[id] * p : scores[id] / p;
    }
}

// Does `list` (n) end just before position `end` of the ids?
static bool ends_with(const int *ids, int end, const int *list, int n)
{
    return n <= end && !memcmp(ids + end - n, list, n * sizeof *list);
}

// Ban each token that has followed the last n-1 ids before.
static void ban_repeated_ngrams(float *scores, int n, const History *h)
{
    for (int i = n - 1; i < h->n; i++)
        if (ends_with(h->ids, i, h->ids + h->n - (n - 1), n - 1)) scores[h->ids[i]] = -INFINITY;
}

static void ban_bad_words(float *scores, const Options *o, const History *h)
{
    for (int i = 0; i < o->n_bad_words; i++) {
        const IdList *word = &o->bad_words[i];
        if (word->n > 1 && word->n > h->n) continue;
        if (ends_with(h->ids, h->n, word->ids, word->n - 1)) scores[word->ids[word->n - 1]] = -INFINITY;
    }
}

static void ban(float *scores, const int *ids, int n)
{
    for (int i = 0; i < n; i++) scores[ids[i]] = -INFINITY;
}

static bool too_short_to_end(const Options *o, const History *h)
{
    if (o->min_new_tokens != UNSET) return h->n - h->n_prompt < o->min_new_tokens; // wins over min_length
    return h->n < o->min_length;
}

static const IdList *forced(const Options *o, const History *h, IdList *bos)
{
    *bos = (IdList){&o->forced_bos, 1};
    if (o->forced_eos.n && h->n == h->max_length - 1) return &o->forced_eos;
    return o->forced_bos != UNSET && h->n == 1 ? bos : NULL;
}

int forced_token(const Options *o, const History *h)
{
    IdList bos;
    const IdList *list = forced(o, h, &bos);
    return list ? list->ids[0] : -1;
}

void process(float *scores, const Options *o, const History *h)
{
    IdList bos;
    const IdList *list = forced(o, h, &bos);
    if (o->repetition_penalty != 1) penalize_repetition(scores, o->repetition_penalty, h);
    if (o->no_repeat_ngram_size > 0) ban_repeated_ngrams(scores, o->no_repeat_ngram_size, h);
    ban_bad_words(scores, o, h);
    if (too_short_to_end(o, h)) ban(scores, o->special->eos, o->special->n_eos);
    if (list) {
        for (int v = 0; v < o->vocab; v++) scores[v] = -INFINITY;
        for (int i = 0; i < list->n; i++) scores[list->ids[i]] = 0;
    }
    ban(scores, o->suppress.ids, o->suppress.n);
    const int begin = h->n_prompt + (h->n_prompt <= 1 && o->forced_bos != UNSET);
    if (h->n == begin) ban(scores, o->begin_suppress.ids, o->begin_suppress.n);
}
