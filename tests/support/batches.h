// SPDX-License-Identifier: MIT
// batches.h -- texts for tests of batches, and the loop over all of them that the programs have.
#ifndef BATCHES_H
#define BATCHES_H
#include "batch.h"
#include "models.h"
#include "share.h"

enum { MAX_REQUESTS = 40 };

typedef struct {
    TestModel *t;
    Options options;
    Request requests[MAX_REQUESTS];
    int n_requests;
    // Can be set after run_prepare():
    Draft *draft; // for the next batch, with as many slots as it has texts; NULL: none
    bool shares;  // texts share their beginnings
    bool rows;    // the first layer keeps input rows
    // What the last batch did:
    int n_steps, n_waits[MAX_REQUESTS]; // steps in which a text had to wait
    Shared shared;
} Run;

// n_requests texts, with the options of the model.
void run_prepare(Run *r, TestModel *t, int n_requests);
void run_request(Run *r, int i, Input input, int max_length);
// Made-up texts of different lengths; text i ends after i % 9 + 1 new tokens, or at its end token.
void run_request_made_up(Run *r, int i);
// Text i as stage 03 decodes it.
Sequence run_uncached(Run *r, State *s, int i);
// All of them, with at most so many at a time.
void run_batches(Run *r, State *s, int max_requests);

#endif
