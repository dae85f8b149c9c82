// SPDX-License-Identifier: MIT
// family.h -- what a family of models is to this program: a table from configuration keys to Config, and a table
// from tensor names to slots of Weights. marian.c, t5.c and gpt2.c are these tables.
#ifndef FAMILY_H
#define FAMILY_H
#include "model/checkpoint.h"
#include "model/model.h"
#include "model/settings.h"

struct Loader;

typedef struct {
    const char *architecture;                       // "architectures"[0] of config.json
    void (*configure)(const Settings *s, Model *m); // fills config, and defaults of ids (all -1 before)
    void (*find_weights)(struct Loader *loader, Model *m); // claims the tensors
} Family;

extern const Family marian, t5, umt5, gpt2;
extern const Family *const families[]; // all of them, ended by NULL: families.c

// The activation function a key names, by its Hugging Face name; absent: the default, NULL if required.
Activation setting_activation(const Settings *s, const char *key, const char *absent);
// A number that a norm adds to the variance: not below 0.
float setting_epsilon(const Settings *s, const char *key, float absent);

// ---- slots -----------------------------------------------------------------------------------------------------
// A slot_ function finds a tensor by name (printf style), checks its shape, and returns it as what the slot needs.
// A failure leaves a message in the sticky error that names file, tensor, expected and found.

typedef struct Loader {
    Checkpoint file;
    const Config *config;
    Arena *memory; // what is returned lives here
    Arena scratch; // for one tensor as it stands in the file
    int panel_width;
    const char *prefix; // put before every name
    Error *error;
} Loader;

bool slot_exists(const Loader *l, const char *name, ...);
// name.weight (n_out, n_in), and name.bias (n_out) if the configuration has biases
void slot_linear(Loader *l, Linear *out, int n_in, int n_out, const char *name, ...);
// part number `part` of `parts` of the transposed form: name.weight (n_in, parts * n_out), name.bias (parts * n_out)
void slot_conv1d(Loader *l, Linear *out, int n_in, int n_out, int part, int parts, const char *name, ...);
// name.weight (D), and name.bias (D) for LayerNorm
void slot_norm(Loader *l, Norm *out, const char *name, ...);
// A plain table (rows, columns) under the first of the names (NULL-terminated) that is in the file; all that are
// there must have this shape. NULL if none is.
const float *slot_table(Loader *l, int rows, int columns, const char *const *names);
const float *slot_table_required(Loader *l, int rows, int columns, const char *const *names);
// The output projection: a table (V, D) packed; bias (V) may be NULL.
void slot_head(Loader *l, Linear *out, const float *table, const float *bias);
// The relative bias of one attention from its table name (n_buckets, H).
void slot_relative_bias(Loader *l, Attention *out, const char *name, ...);

#endif
