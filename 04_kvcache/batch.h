// SPDX-License-Identifier: MIT
// batch.h -- the driver: many texts at different points of their way, one forward pass per step for all of them.
//
// A batch is ragged: new texts bring their whole prompt, others one row per hypothesis; nothing is padded. A text that
// ends makes place for the next one at once. What to do with logits is the business of a Search, which knows no model.
#ifndef BATCH_H
#define BATCH_H
#include "kvcache.h"

// How a text goes on. At first it has one row: the last token of its prompt.
typedef struct Search Search;
struct Search {
    // From the logits (n_rows, V) of its rows, which may be overwritten, to the rows of the next step, below. False: the
    // text is complete.
    bool (*advance)(Search *self, float *logits, Arena *scratch);
    int n_rows;   // hypotheses
    int *tokens;  // (n_rows) the next token of each ...
    int *parents; // (n_rows) ... and which row's past it continues; NULL: its own
};

// A text on its way through the driver. Its owner fills the first part.
typedef struct Job {
    Input input;
    Search *search;
    void *user;
    int place; // the driver's: which part of the cache
} Job;

// What the driver asks of its user.
typedef struct {
    Job *(*next)(void *user);               // another text, NULL if there is none now
    void (*stepped)(void *user, Job *job);  // after each advance; the cache is in order again
    void (*finished)(void *user, Job *job); // the job leaves
    void *user;
} BatchUser;

// Run until there is no text left. The cache has `width` slots per text; cache->n_slots / width texts run together.
// The result of each text has the same bits as if it were alone.
void batch_run(State *s, const Model *m, KVCache *cache, int width, const BatchUser *user);

#endif
