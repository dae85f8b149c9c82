// SPDX-License-Identifier: MIT
// synthetic_model.h -- a model of any size with random weights, made in memory, to be measured.
//
// It is the Transformer of "Attention Is All You Need", or its decoder alone: encoder and decoder, LayerNorm
// after the residual, sinusoidal positions, relu, biases, the lm_head tied to the embeddings. It has no end
// token, so it generates until it is stopped. The weights depend only on the shape: packed or not, two models
// of one shape compute the same bits.
#ifndef SYNTHETIC_MODEL_H
#define SYNTHETIC_MODEL_H
#include "model/model.h"

typedef struct {
    int d_model, n_layers, d_ff, vocab; // D; L of the encoder and of the decoder; F; V
    bool decoder_only;                  // no encoder and no cross-attention
} Shape;

// Positions 0 .. max_positions - 1; panel_width of all matrices (tensor.h). To be freed by model_free().
Model synthetic_model(const Shape *shape, int max_positions, int panel_width);

#endif
