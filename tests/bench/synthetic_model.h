// SPDX-License-Identifier: MIT
// synthetic_model.h -- a model of any size with random weights, made in memory: for measuring, not for reading its output.
//
// It is the Transformer of "Attention Is All You Need": encoder and decoder, LayerNorm after the residual, sinusoidal
// positions, relu, biases, the head tied to the embeddings. It has no end token, so it writes until it is stopped. The
// weights depend on the shape only: packed or not, two models of one shape compute the same bits.
#ifndef SYNTHETIC_MODEL_H
#define SYNTHETIC_MODEL_H
#include "model/model.h"

typedef struct {
    int width, n_layers, ff_width, vocab; // D; L of the encoder and of the decoder; F; V
} Shape;

// Positions 0 .. max_positions-1; panel_width: of all matrices (tensor.h). To be freed by model_free().
Model synthetic_model(const Shape *shape, int max_positions, int panel_width);

#endif
