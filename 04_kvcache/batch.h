// SPDX-License-Identifier: MIT
// batch.h -- several texts at a time, one forward pass per step for all of them. The caller drives it:
//
//   repeat: batch_add() requests until batch_full(); batch_step(); batch_remove() those whose search is done
//
// A batch is ragged: a new text brings its whole prompt, the others one row per hypothesis; nothing is
// padded. The result of each text has the same bits as if it were alone.
#ifndef BATCH_H
#define BATCH_H
#include "request.h"
#include "speculative.h"
#include "times.h"

// What advances a request: greedily (below) or by beam search (05). At first it has one row, the last token
// of its prompt.
typedef struct Search {
    // From the logits (n_rows, V) of the request's rows, which it may overwrite, to the rows of the next
    // step. False: done.
    bool (*advance)(Request *request, float *logits, Arena *scratch);
    int n_rows;   // hypotheses
    int *tokens;  // (n_rows) the next token of each, ...
    int *parents; // (n_rows) ... and which row's past it continues; NULL: its own
    bool done;    // set by batch_step(): advance() has returned false
    Guess *guess; // of the batch's draft, NULL: none. Then there is one hypothesis with 1 + guess->n rows
} Search;

// One hypothesis: request->sequence, which sequence_advance() extends. With sequence->with_sum, its sum
// gains the log-probability of each token picked, as it is before the rules; a forced token adds 0.
Search *greedy_search(Arena *arena);

typedef struct {
    State *s;
    const Model *m;
    KVCache cache;
    int max_requests, n_requests;
    int n_beams;           // slots of the cache per request
    Request **requests;    // (max_requests) NULL: none; number i has the slots from i * n_beams on
    Draft *draft;          // can be set before the first request; NULL: none
    struct Shared *shared; // set by share_begin(); NULL: texts do not share beginnings
    Arena rows;            // of one step
    Times times;           // of batch_step()
} Batch;

Batch batch_new(State *s, const Model *m, int max_requests, int n_beams);
void batch_free(Batch *batch); // after all requests have been removed

bool batch_full(const Batch *batch);
void batch_add(Batch *batch, Request *request);    // its input and search are set
void batch_step(Batch *batch);                     // all that follows below
void batch_remove(Batch *batch, Request *request); // its slots are free again

// What a step consists of. (share.h has two more parts, for texts that begin alike.)
void batch_read_sources(Batch *batch);                   // encode the sources of new requests, together
void batch_guess(Batch *batch);                          // the draft guesses for all
const Row *batch_gather_rows(Batch *batch, int *n_rows); // prompts of new requests, tokens of the others
float *batch_forward(Batch *batch, const Row *rows, int n_rows); // logits (one row per hypothesis, V)
void batch_advance(Batch *batch, float *logits);                 // each search takes its rows
void batch_reorder(Batch *batch); // each cache is put in the order of its hypotheses

#endif
