// SPDX-License-Identifier: MIT
// random_model.h -- small Hugging Face model directories with random weights, for tests of what the trained
// models in data/ do not have: odd sizes, encoders and decoders of different shape, more activations, more
// ways to store weights.
//
//     random_model_load(&model, &(RandomModel){.architecture = "MarianMTModel", .activation = "swish"});
//
// What is left out (0) has the default that stands in brackets. The weights of a tensor depend only on the
// seed and on what the tensor is in the model: two models that differ in how they are stored, or in one
// choice, have the same numbers everywhere else. All numbers have at most 8 significant bits, so F32, F16 and
// BF16 files hold the same model.
#ifndef RANDOM_MODEL_H
#define RANDOM_MODEL_H
#include "model/model.h"

typedef struct {
    const char *name; // for the messages of the caller
    // MarianMTModel, GPT2LMHeadModel, or T5, MT5 or UMT5 with ForConditionalGeneration behind it
    const char *architecture;
    int d_model;       // D [20]
    int vocab;         // V [13]
    int source_vocab;  // Marian: the encoder has embeddings of its own, this many [one table for both]
    int max_positions; // [16]; T5 has none
    // Marian: [2 layers, 4 heads, F 27] and [3 layers, 2 heads, F 33]; heads divide D, head_dim is not used.
    // T5, MT5, UMT5: [2 layers, 3 heads, Dh 7, F 27]; decoder: [3 layers], the rest is the encoder's.
    // GPT-2: only the decoder [3 layers, 2 heads]; a d_ff is written as n_inner [left out, which means 4 D].
    StackShape encoder, decoder;
    const char *activation;      // Marian and GPT-2: activation_function [relu, gelu_new];
                                 // T5, MT5, UMT5: feed_forward_proj [relu, gated-gelu, gated-silu]
    int n_buckets, max_distance; // T5 [8, 20]
    bool scale_embedding;        // Marian
    bool untied_lm_head;         // lm_head.weight, and tie_word_embeddings false
    bool stored_positions;       // Marian: random tables in the file instead of sines
    bool shared_bias;            // T5: only layer 0 has a table of relative bias; else every layer
    bool transformer_prefix;     // GPT-2: names begin with "transformer."
    bool dead_tensors;           // also tensors that some programs store and no model has, of several types
    const char *dtype;           // of all weights: F64, F32, F16, BF16 [F32]
    // Names, separated by spaces, under which the decoder's (or shared) embeddings are stored
    // ["model.shared.weight", ...].
    const char *embedding;
    const char *own_tables;      // more names: each a table of its own, whatever the configuration says
    const char *without;         // a tensor that is left out
    const char *odd, *odd_dtype; // a tensor that has another type: F32, F16, BF16, F64, I32
    const char *config;     // members of config.json about generation [start and pad 0, eos 1, pad banned]
    const char *generation; // text of generation_config.json [no such file]
    unsigned seed;
} RandomModel;

// Write the directory.
void random_model(const char *directory, const RandomModel *what);

// Write it under a name that is used only once, load it, remove the files. A failure is an assert.
void random_model_load(Model *model, const RandomModel *what);

// n models, each with a name, that together have every choice above.
const RandomModel *random_models(int *n);

#endif
