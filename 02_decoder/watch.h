// SPDX-License-Identifier: MIT
// watch.h -- prints tensors of a forward pass as tables: --trace NAME of the programs 02, 03 and 04.
//
// A table begins with a line of the tensor's name (and, where columns are tokens, these); then one line per
// row: the token that the row belongs to, TAB, numbers with 3 decimals. Of scores and probabilities a row has
// one line per head. The names: 01_attention/passes.h.
#ifndef WATCH_H
#define WATCH_H
#include "cli.h"
#include "decoder.h"
#include "text/codec.h"
#include <stdio.h>

typedef struct {
    const char *name; // of the tensor; NULL: nothing is watched
    int layer;        // -1: all
    FILE *out;
    const Codec *codec;
    Input input; // its source labels what is encoded
    // The rest is for watch.c.
    const int *ids; // of the decoder, the first n_before of which are not computed in this pass
    int n_before, n_rows;
    int row, last_layer; // of scores and probabilities: the next row of the layer that was printed last
    bool found;
    char *names; // all names that were seen
    Arena memory;
} Watch;

// Print what watch->name says in all forward passes of the state to come. Set before: the first five fields
// (the input may follow until the first pass).
void watch_begin(Watch *watch, State *state);
// The next forward pass computes the decoder's rows of these ids, but for the first n_before.
void watch_rows(Watch *watch, const int *ids, int n, int n_before);
// To be called at the end. If there was no tensor of the name, the program ends with a message that lists
// those that there were.
void watch_end(Watch *watch, const Command *command);

#endif
