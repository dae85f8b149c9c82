// SPDX-License-Identifier: MIT
// model.h -- a Hugging Face model directory in memory: configuration and weights.
//
//   config.json              sizes, and the few choices in which the families of Transformers differ (Config)
//   model.safetensors        the tensors (Weights), found by name, checked for their shape, packed for matmul
//                            (it may be divided into several files: shards.h)
//   generation_config.json   optional: how to generate. Here only special token ids, the rest is read by
//                            03_greedy_nocache/options.c. Where it is missing, config.json says all of this.
//
// Which key sets which field of Config, and which tensor fills which field of Weights, is a table per family
// of models (family.h). No code outside these tables depends on a family. All structs are read-only once
// loaded. Letters for dimensions: tensor/tensor.h.
#ifndef MODEL_H
#define MODEL_H
#include "tensor/tensor.h"
#include "model/settings.h"

typedef enum { LAYER_NORM, RMS_NORM } NormKind;

typedef struct {
    int n_layers; // L
    int n_heads;  // H
    int head_dim; // Dh; H * Dh need not be D
    int d_ff;     // F
} StackShape;

typedef struct {
    int d_model;      // D
    int vocab;        // V: output vocabulary
    int source_vocab; // vocabulary of the encoder's input
    bool has_encoder; // false: decoder-only model
    StackShape encoder, decoder;
    NormKind norm;
    bool pre_norm; // norms before the sublayers; false: post-norm, after the residual
    float norm_epsilon;
    bool final_norm;             // one more norm after the last layer
    int max_positions;           // positions are 0 .. max_positions-1; 0: no limit
    int n_buckets, max_distance; // relative positions
    Activation activation;
    bool gated;               // feed-forward (act(x W1) * (x W2)) W3; false: act(x W1) W2
    bool biases;              // every projection has a bias
    bool scaled_scores;       // attention scores are multiplied by 1 / sqrt(Dh)
    bool layer_scaled_scores; // and by 1 / (1 + layer), layers counted from 0
    bool shared_embedding;    // encoder and decoder use the same embeddings
    bool tied_lm_head;        // the lm_head uses the embeddings of the decoder
    float embedding_scale;    // factor of token embeddings
    float output_scale;       // factor of hidden states before the lm_head
} Config;

// A linear projection: y = W x + b
typedef struct {
    Matrix weight;
    const float *bias; // (n_out), NULL: none
} Linear;

typedef struct {
    const float *weight; // (D)
    const float *bias;   // (D), NULL for RMS norm
} Norm;

typedef struct {
    Linear query, key, value; // D -> H * Dh
    Linear output;            // H * Dh -> D
    int n_heads, head_dim;    // H, Dh
    float scale;              // factor of the scores
    bool causal;              // a row sees the keys up to its own position; false: all keys
    bool of_encoder;
    // Relative positions: bias (H, 2 max_distance + 1), NULL if none. bias[h][max_distance + (k - q)] is
    // added to the score of key position k for query position q; |k - q| is limited to max_distance.
    const float *bias;
    int max_distance;
    const char *name; // "decoder.self_attention": in a trace, its keys are "decoder.self_attention.keys"
    int layer;
} Attention;

typedef struct {
    Attention self, cross; // cross: only in the decoder of an encoder-decoder model (used from stage 02)
    Norm self_norm, cross_norm, ff_norm;
    Linear ff_in, ff_gate, ff_out; // D -> F, activated; D -> F, the factor if gated; F -> D
    const char *ff_name;           // "decoder.feed_forward", in a trace
} Layer;

typedef struct {
    Matrix embedding;       // (V, D): row t is the embedding of token t
    const float *positions; // (max_positions, D), added to the embedding; NULL with relative positions
    int n_layers;
    Layer *layers; // (L)
    Norm final_norm;
    const char *hidden_name; // "encoder.hidden": name of the hidden states in a trace
} Stack;

typedef struct {
    Stack encoder, decoder;
    Linear lm_head; // D -> V: logits
} Weights;

typedef struct { // special tokens; -1: the model has none
    int start;   // first input of the decoder in an encoder-decoder model
    int bos;     // first token of a decoder-only model where there is no other
    Ids eos;     // each of them ends a text
} TokenIds;

typedef struct {
    Config config;
    Weights weights;
    TokenIds ids;
    const char *directory;
    const Json *stored;      // how to generate: the whole generation_config.json if there is one, ...
    const char *stored_file; // ... else config.json; its path, for messages
    Arena memory;
} Model;

// Load a directory; false with a message in *error if that fails. panel_width (tensor.h) of all matrices is
// PANEL_WIDTH except in tests and benchmarks. The model keeps the pointer `directory`.
bool model_load(Model *model, const char *directory, int panel_width, Error *error);
void model_free(Model *model);
bool is_end(const TokenIds *ids, int token); // from stage 03: whether token is one of ids->eos
// Stage 04: bytes of the matrices and their biases, of the encoder, or of the decoder with the lm_head.
size_t model_weight_bytes(const Model *model, bool encoder);

#endif
