// SPDX-License-Identifier: MIT
// passes.h -- the state of a computation, and the passes that every forward pass consists of.
//
// A Model (model/model.h) is read-only; everything that changes is in a State, which the caller owns. A pass
// takes rows of activations and returns new ones in the state's scratch memory, where they are valid until
// the next forward pass begins. Passes treat rows independently, so a batch of texts is simply more rows;
// only embed(), attention_store(), attention_lookup() and lm_head() read the Row structs.
//
// Shapes: the letters of tensor/tensor.h. Source: Vaswani et al. 2017, 3.1 to 3.4; pre-norm: Xiong et al.
// 2020; gated feed-forward: Shazeer 2020. No pass can fail; what a caller must keep to is asserted.
#ifndef PASSES_H
#define PASSES_H
#include "model/model.h"
#include "tensor/kv.h"

// One token to compute.
typedef struct {
    int token, position;
    int sequence; // which text; always 0 before stage 04
    bool wanted;  // whether its logits are needed (from stage 02)
} Row;

// Called with values (rows, columns) as they are computed. `name` is valid during the call. Names:
//   encoder.hidden, decoder.hidden       what enters a layer; with layer L what leaves the last one
//   encoder.self_attention.PART, decoder.self_attention.PART, decoder.cross_attention.PART
//     keys, values, queries              (rows, H * Dh)
//     scores, probabilities              (H, n_keys), once per row; scores are those before scale and bias
//     mixed, output                      (rows, H * Dh), (rows, D)
//   encoder.feed_forward.PART, decoder.feed_forward.PART
//     hidden, output                     (rows, F), (rows, D)
//   logits                               (wanted rows, V)
typedef void Trace(void *user, const char *name, int layer, int rows, int columns, const float *values);

typedef struct {
    const Config *config;
    Arena scratch; // activations; reset at the beginning of each forward pass
    KVPool pool;   // blocks for the decoder's keys and values; its type can be set before the first list
    KVPool encoder_pool; // blocks for the encoder's, which no program keeps: always KV_F32
    Workers *workers;    // NULL: one thread
    Trace *trace;        // NULL: none
    void *trace_user;
    uint64_t decoder_rows; // rows that went through the decoder's layers (from stage 02)
    uint64_t key_rows;     // rows projected to keys and values, summed over layers
} State;

State state_new(const Model *model, int n_threads);
void state_free(State *state); // all lists must have been dropped before
// rows (n): the n tokens of one text, at positions 0 .. n-1 of sequence 0; the last n_wanted are `wanted`.
void rows_of_text(Row *rows, const int *tokens, int n, int n_wanted);

// x = embedding[token] * scale + positions[position]; returns (n_rows, D)
float *embed(State *s, const Stack *stack, const Row *rows, int n_rows);
// y = x W^T + b; x (n_rows, n_in); returns (n_rows, n_out)
float *project(State *s, const float *x, const Linear *linear, int n_rows);
void project_to(State *s, float *y, const float *x, const Linear *linear, int n_rows); // y (n_rows, n_out)
// Input of a sublayer: norm(x) (n_rows, D) with pre-norm; x itself with post-norm.
const float *norm_before(State *s, const float *x, const Norm *norm, int n_rows);
// From stage 02 on: the residual connection around a sublayer with output y: x += y; with post-norm then
// x = norm(x).
void add_and_norm(State *s, float *x, const float *y, const Norm *norm, int n_rows);
// From stage 02 on: norm(x) (n_rows, D) if the stack has a final norm, else x.
const float *final_norm(State *s, const float *x, const Stack *stack, int n_rows);
// From stage 02 on: the feed-forward sublayer, act(x W1) W2, or gated (act(x W1) * (x W2)) W3; (n_rows, D).
float *feed_forward(State *s, const Layer *layer, const float *x, int n_rows);
// From stage 02 on: the output projection. x: hidden states (n_rows, D); returns logits (wanted rows, V).
float *lm_head(State *s, const Weights *weights, const float *x, const Row *rows, int n_rows);

// Call the state's trace, if there is one; the second function with the name "NAME.PART".
void trace(const State *s, const char *name, int layer, int rows, int columns, const float *values);
void trace_part(const State *s, const char *name, const char *part, int layer, int rows, int columns,
                const float *values);

#endif
