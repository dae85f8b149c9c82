// SPDX-License-Identifier: MIT
// family.h -- a family of models: a table from configuration keys to fields of Config, and a table from
// tensor names to fields of Weights. marian.c, t5.c and gpt2.c contain these tables, families.c lists them.
//
// model_load() chooses the family by "architectures" in config.json, calls configure(), allocates the layers,
// and calls find_weights(). Both are sequences of calls without error checks: the Error is sticky (error.h),
// and after a failure every further call does nothing.
#ifndef FAMILY_H
#define FAMILY_H
#include "model/checkpoint.h"
#include "model/model.h"
#include "model/settings.h"

struct Loader;

typedef struct {
    const char *architecture;                              // "architectures"[0] of config.json
    void (*configure)(const Settings *s, Model *m);        // sets m->config
    void (*find_weights)(struct Loader *loader, Model *m); // fills m->weights from the tensors
} Family;

extern const Family marian, t5, umt5, gpt2;
extern const Family *const families[]; // all families, NULL-terminated (families.c)

// The activation function that a key names (Hugging Face's names); absent: the default, NULL if required.
Activation setting_activation(const Settings *s, const char *key, const char *absent);
// The epsilon of a norm: a number from 0; absent: the default.
float setting_epsilon(const Settings *s, const char *key, float absent);

// ---- loader (loader.c) --------------------------------------------------------------------------------
// A load_ function finds a tensor by its name (printf style), checks its shape, and stores it in the form
// that the forward pass uses. On failure the sticky error names file, tensor, expected and found shape.

typedef struct Loader {
    Checkpoint file;
    const Config *config;
    Arena *memory; // of the model: all results are allocated here
    Arena scratch; // for one tensor before it is packed
    int panel_width;
    const char *prefix; // of every tensor name
    Error *error;
} Loader;

bool tensor_exists(const Loader *l, const char *name, ...);
// name.weight (n_out, n_in), and name.bias (n_out) if the configuration has biases.
void load_linear(Loader *l, Linear *out, int n_in, int n_out, const char *name, ...);
// A transposed matrix with several projections side by side (Hugging Face's Conv1D), of which number `index`
// of `count` is loaded: name.weight (n_in, count * n_out), name.bias (count * n_out).
void load_conv1d(Loader *l, Linear *out, int n_in, int n_out, int index, int count, const char *name, ...);
// name.weight (D), and name.bias (D) for LayerNorm.
void load_norm(Loader *l, Norm *out, const char *name, ...);
// A table (rows, columns), not packed, under the first of the names (NULL-terminated) that is in the file.
// Tensors under the other names must have the same shape. NULL if there is none.
const float *load_table(Loader *l, int rows, int columns, const char *const *names);
// The same; it is an error if there is none.
const float *load_table_required(Loader *l, int rows, int columns, const char *const *names);
// The output projection: packs a table (V, D), NULL after an error; bias (V) or NULL.
void load_lm_head(Loader *l, Linear *out, const float *table, const float *bias);
// The relative position bias of one attention, from the table `name` (n_buckets, H).
void load_relative_bias(Loader *l, Attention *out, const char *name, ...);

#endif
