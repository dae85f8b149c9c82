// SPDX-License-Identifier: MIT
// share.h -- texts that begin alike: a new text takes over from an earlier one the positions of their common
// beginning, and computes only the rest. (Others call it prefix caching.)
//
// A row depends on the rows before it and, with an encoder, on the whole source. So texts share what their
// decoder ids begin with, if their sources are equal: the prompts of decoder-only models, and several samples
// of any text. The last row of a prompt is always computed: its logits are needed.
//
// Earlier texts are those that run, and as many of the finished ones as a batch has places, the latest.
#ifndef SHARE_H
#define SHARE_H
#include "batch.h"

typedef struct Shared {
    struct Past *past;              // (max_requests) finished texts
    int next;                       // the oldest of them: the place of the next one
    uint64_t n_rows, n_source_rows; // of the decoder and of the encoder: taken over, not computed
} Shared;

// Let the texts of a batch share beginnings. Before the first is added; each is one sequence.
void share_begin(Batch *batch, Shared *shared);
void share_end(Batch *batch);

// Before a step: each new request takes over what it can. It waits for the next step if another one, whose
// prompt is read in this step, has more in common with it.
void share_beginnings(Batch *batch);
void share_remember(Batch *batch, const Request *request); // before it is removed

#endif
