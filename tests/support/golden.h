// SPDX-License-Identifier: MIT
// golden.h -- what Hugging Face computed (tests/reference/README.md), read with the project's own readers.
#ifndef GOLDEN_H
#define GOLDEN_H
#include "check.h"
#include "decoder.h"
#include "model/checkpoint.h"
#include "text/codec.h"
#include "options.h"

typedef struct {
    const char *name; // "marian"
    const char *model_directory, *directory;
    Model model;
    Options options; // as stored; max_new_tokens, num_beams, ... are set per case
    State state;
    const Json *cases; // the first case; the others follow by ->next
    Checkpoint tensors;
    Arena arena;    // for whatever a test needs while this is open
    double largest; // difference seen by golden_check(), relative to what is allowed: 1 is the limit
} Golden;

// The same as ON_MODEL and models_each (models.h), for every model that has golden outputs: the trained ones
// in data/, and small random ones of unusual shapes.
#define ON_GOLDEN(test) (void (*)(void))(1 ? (test) : (void (*)(Golden *))0)
void golden_each(void (*test)(void));

// A list of token ids in the arena; n is 0 where there is no list. what: named if an item is not an id.
Ids read_ids(Arena *arena, const Json *list, const char *what);
// The array `key` of a case; n is 0 if it is absent.
Ids golden_ids(Golden *g, const Json *object, const char *key);
const char *golden_text(const Json *object, const char *key);
Input golden_input(Golden *g, const Json *one); // made from a case's source
// The tensor NAME.suffix of a case as floats, shape checked; NULL if the file does not have it.
const float *golden_tensor(Golden *g, const Json *one, const char *suffix, int rank, const uint64_t *shape);

// One row of reals: |got - expected| <= 2e-5 * max(1, largest |expected| of the row). Keeps the largest seen.
void golden_check(Golden *g, const char *what, int row, const float *got, const float *expected, int n);
// The log-probabilities of ids, by log-softmax of logits (ids->n, V), against the array `key` of an object.
void golden_check_log_p(Golden *g, const Json *object, const char *key, const float *logits, const Ids *ids);
// Two lists of ids.
void golden_check_ids(Golden *g, const char *what, const int *got, int n, const Ids *expected);
// |got - expected| <= 1e-4 * (1 + |expected|)
void golden_check_score(Golden *g, const char *what, double got, double expected);

#endif
