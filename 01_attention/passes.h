// SPDX-License-Identifier: MIT
// passes.h -- the state of a computation, and the small passes that every forward pass is made of.
//
// Model (files/model.h) is read-only; everything that changes lives in a State that the caller owns. A pass takes
// rows of activations and returns new ones in the state's scratch memory, where they stay until the next
// forward pass begins. No pass knows what a row means: a batch of texts is simply more rows.
#ifndef PASSES_H
#define PASSES_H
#include "model/model.h"
#include "tensor/kv.h"

// One token to compute: which, at which position of which text, and whether anybody will read its logits. Only
// embed(), attention and head() look at rows.
typedef struct {
    int token, position, sequence;
    bool wanted;
} Row;

// Called with values (rows, columns) as they are computed; names and layers: see the callers of trace().
typedef void Trace(void *user, const char *name, int layer, int rows, int columns, const float *values);

typedef struct {
    const Config *config;
    Arena scratch;    // activations; reset at the beginning of each forward pass
    KVPool pool;      // blocks for keys and values
    Workers *workers; // NULL: one thread
    Trace *trace;     // NULL: nobody looks inside
    void *trace_user;
    uint64_t decoder_rows; // rows that went through the decoder's layers
    uint64_t key_rows;     // rows of keys and values projected, summed over layers
} State;

State state_new(const Model *model, int n_threads);
void state_free(State *state);
// The n tokens of one text from position 0, in sequence 0; of the last n_wanted the logits are wanted.
void rows_of_text(Row *rows, const int *tokens, int n, int n_wanted);

// x = embedding[token] * scale + positions[position]; (n_rows, D)
float *embed(State *s, const Stack *stack, const Row *rows, int n_rows);
// y = x W^T + b; x (n_rows, n_in), y (n_rows, n_out)
float *project(State *s, const float *x, const Linear *linear, int n_rows);
// What a sublayer reads: norm(x) where norms stand before sublayers, else x itself.
const float *norm_before(State *s, const float *x, const Norm *norm, int n_rows);
// What a sublayer leaves: x += y, then x = norm(x) where norms stand after the residual.
void add_and_norm(State *s, float *x, const float *y, const Norm *norm, int n_rows);
// norm(x) where the stack has a final norm, else x.
const float *final_norm(State *s, const float *x, const Stack *stack, int n_rows);

// What each position computes by itself: act(x W1) W2, or (act(x W1) * (x W2)) W3 where it is gated.
float *feed_forward(State *s, const Layer *layer, const float *x, int n_rows);
// Logits (wanted rows, V) from the hidden states x (n_rows, D).
float *head(State *s, const Weights *weights, const float *x, const Row *rows, int n_rows);

void trace(const State *s, const char *name, int layer, int rows, int columns, const float *values);

#endif
