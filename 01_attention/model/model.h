// SPDX-License-Identifier: MIT
// model.h -- a Hugging Face model directory as numbers: configuration and weights.
//
//   config.json              sizes, and the few choices in which the families of Transformers differ (Config)
//   model.safetensors        the weights (Weights), each found by name, its shape checked, packed for matmul
//   generation_config.json   optional; special token ids here, the rest is read in 03_greedy_nocache/options.c
//
// Which key fills which number, and which tensor fills which slot, is a table per family (family.h). Nothing
// outside these tables knows a family's name. Everything here is read-only once loaded.
// Dimension letters: tensor.h.
#ifndef MODEL_H
#define MODEL_H
#include "tensor/tensor.h"
#include "model/json.h"

typedef enum { LAYER_NORM, RMS_NORM } NormKind;
typedef enum { NORM_AFTER_RESIDUAL, NORM_BEFORE_SUBLAYER } NormPlace; // "post-norm", "pre-norm"
typedef enum { POSITIONS_SINUSOIDAL, POSITIONS_LEARNED, POSITIONS_RELATIVE } PositionKind;

typedef struct {
    int n_layers;   // L
    int n_heads;    // H
    int head_width; // Dh; H * Dh need not be D
    int ff_width;   // F
} StackShape;

typedef struct {
    int width;        // D
    int vocab;        // V, of the output
    int source_vocab; // of the encoder's input
    bool has_encoder; // else decoder only
    StackShape encoder, decoder;
    NormKind norm;
    NormPlace norm_place;
    float norm_epsilon;
    bool final_norm; // one more norm after the last layer
    PositionKind positions;
    int max_positions;           // positions 0 .. max_positions-1 exist; 0: no limit
    int n_buckets, max_distance; // of relative positions
    Activation activation;
    bool gated;            // feed-forward: act(x W1) * (x W2), then W3; else act(x W1), then W2
    bool biases;           // on every projection
    bool scaled_scores;    // attention scores times 1 / sqrt(Dh)
    bool shared_embedding; // the encoder and the decoder have one table of embeddings
    bool tied_head;        // the head's weights are the decoder's embeddings
    float embedding_scale; // token embeddings times this
    float output_scale;    // hidden states times this before the head
} Config;

// y = W x + b
typedef struct {
    Matrix weight;
    const float *bias; // (n_out), NULL: none
} Linear;

typedef struct {
    const float *weight; // (D), NULL: there is no norm in this place
    const float *bias;   // (D), NULL for RMS norm
} Norm;

typedef struct {
    Linear query, key, value; // D -> H * Dh
    Linear output;            // H * Dh -> D
    int n_heads, head_width;  // H, Dh
    float scale;              // of the scores
    bool causal;              // a row sees the keys up to its own position, else all
    const float *bias; // relative positions: (H, 2 reach + 1), added to the score of key k for query q at
    int reach;         // [h][reach + (k - q)], k - q limited to -reach .. reach; NULL: none
    const char *name;  // "decoder.self_attention", and its layer: for those who look inside
    int layer;
} Attention;

typedef struct {
    Attention self, cross; // cross: only in a decoder that has an encoder
    Norm self_norm, cross_norm, ff_norm;
    Linear ff_in, ff_gate, ff_out; // D -> F (activated), D -> F (multiplied to it, if gated), F -> D
} Layer;

typedef struct {
    const float *embedding; // (V, D)
    const float *positions; // (max_positions, D) added to the embedding; NULL for relative positions
    int n_layers;
    Layer *layers; // (L)
    Norm final_norm;
    const char *hidden_name; // "encoder.hidden": for those who look inside
} Stack;

typedef struct {
    Stack encoder, decoder;
    Linear head; // D -> V: logits
} Weights;

enum { MAX_EOS = 8 };
typedef struct { // -1: the model has none
    int start;   // first decoder input, where there is an encoder
    int bos, pad;
    int n_eos, eos[MAX_EOS]; // any of them ends the text
} TokenIds;

typedef struct {
    Config config;
    Weights weights;
    TokenIds ids;
    int forced_eos_by_default; // forced_eos_token_id of a directory that says nothing about it; -1: none
    const char *directory;
    const Json *config_json, *generation_json; // whole; generation_json is NULL if there is no such file
    const char *config_file, *generation_file; // paths, for messages
    Arena memory;
} Model;

// Load a directory; panel_width: of all matrices (tensor.h), PANEL_WIDTH unless there is a reason.
bool model_load(Model *model, const char *directory, int panel_width, Error *error);
void model_free(Model *model);
bool is_end(const TokenIds *ids, int token);                 // is it one of ids->eos?
size_t model_weight_bytes(const Model *model, bool encoder); // of the decoder and head, or of the encoder

#endif
