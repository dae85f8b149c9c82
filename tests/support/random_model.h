// SPDX-License-Identifier: MIT
// random_model.h -- small Hugging Face model directories with random weights, for tests of what the trained models in
// data/ do not have: odd widths, encoders and decoders of different shape, other activations, other ways to store.
//
//     random_model_load(&model, &(RandomModel){.architecture = "MarianMTModel", .width = 20, .activation = "swish"});
//
// Whatever is left out (0) has the default that stands in brackets. Weights depend on nothing but the seed and the
// place in the model: two models that differ in how they are stored, or in one choice, have the same numbers
// everywhere else. All numbers have at most 8 significant bits, so F32, F16 and BF16 files hold the same model.
#ifndef RANDOM_MODEL_H
#define RANDOM_MODEL_H
#include "model/model.h"

typedef struct {
    const char *name; // for the messages of the caller
    const char *
        architecture; // MarianMTModel, T5ForConditionalGeneration, UMT5ForConditionalGeneration, GPT2LMHeadModel
    int width;        // D [20]
    int vocab;        // V [13]
    int source_vocab; // Marian: encoder and decoder have embeddings of their own, this many the encoder [shared]
    int max_positions; // [16]; none in T5
    // Marian: [2 layers, 4 heads, F 27] and [3 layers, 2 heads, F 33]; heads divide D, head_width is not used.
    // T5, UMT5: [2 layers, 3 heads, Dh 7, F 27]; the decoder's layers [3], for the rest it has the encoder's shape.
    // GPT-2: only the decoder [3 layers, 2 heads]; an ff_width is written as n_inner [4 D, by leaving it out].
    StackShape encoder, decoder;
    const char *activation;      // Marian and GPT-2: activation_function [relu, gelu_new];
                                 // T5 and UMT5: feed_forward_proj [relu, gated-silu]
    int n_buckets, max_distance; // T5 [8, 20]
    bool scale_embedding;        // Marian
    bool untied_head;            // Marian, T5: lm_head.weight, and tie_word_embeddings false
    bool stored_positions;       // Marian: random tables in the file instead of sines
    bool shared_bias;            // T5: only layer 0 has a table of relative bias; else every layer
    bool transformer_prefix;     // GPT-2: names begin with "transformer."
    bool dead_tensors;           // also store what some savers do and nobody may read, of several types
    const char *dtype;           // of all weights: F32, F16, BF16 [F32]
    const char
        *embedding; // names, separated by spaces, under which the decoder's (or shared) embeddings are stored
                    // ["model.shared.weight", ...]
    const char *without;         // a tensor that is left out
    const char *odd, *odd_dtype; // a tensor that has another type: F32, F16, BF16, F64, I32
    const char *config;     // members of config.json about generation [start and pad 0, eos 1, pad banned]
    const char *generation; // text of generation_config.json [no such file]
    unsigned seed;
} RandomModel;

// Write the directory.
void random_model(const char *directory, const RandomModel *what);

// Write it under a name that nobody else uses, load it, remove the files. A failure is an assert.
void random_model_load(Model *model, const RandomModel *what);

// A choice of models that together have every choice above, n of them, each with a name.
const RandomModel *random_models(int *n);

#endif
