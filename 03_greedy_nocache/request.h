// SPDX-License-Identifier: MIT
// request.h -- a text on its way from its line of input to its printed result.
//
// Several samples of a text are several requests, which share nothing: they may run in different threads.
#ifndef REQUEST_H
#define REQUEST_H
#include "sequence.h"

typedef struct Request {
    // What came in.
    const char *kind; // "line" or "text", and
    int number;       // its number from 1: for messages
    const char *text; // as it was read
    Input input;      // as token ids: what the encoder reads, and what the decoder begins with
    int max_length;   // of the decoder's ids
    int sample;       // its number, from 0
    Arena memory;     // of all of this, and of how it is decoded

    // How it is decoded.
    Sequence sequence;     // unless by beam search
    struct Search *search; // from stage 04 on: what advances it in a batch (04_kvcache/batch.h),
    int slot;              // the first of its slots of the cache,
    bool waits;            // whether it does not take part in a step (04_kvcache/share.h),
    int n_shared;          // and how many rows of its prompt it took over instead of computing them

    // How it is printed (queue.h).
    bool done;
    struct Request *next; // in input order
    int n_printed;        // tokens of the current line, and
    int n_shown;          // how many of them appear in it: special tokens do not
    int n_lines;          // lines that were printed whole
    bool is_cut;          // one of them ends at max_length
} Request;

#endif
