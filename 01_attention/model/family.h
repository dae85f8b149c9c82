// SPDX-License-Identifier: MIT
// family.h -- a family of models: a table from configuration keys to fields of Config, and a table from
// tensor names to fields of Weights. marian.c, t5.c and gpt2.c contain these tables, families.c lists them.
//
// model_load() chooses the family by "architectures", else "model_type" in config.json, calls configure(),
// allocates the layers, and calls find_weights(). Both are sequences of calls without error checks: the Error
// is sticky (error.h), and after a failure every further call does nothing.
#ifndef FAMILY_H
#define FAMILY_H
#include "model/model.h"
#include "model/settings.h"
#include "model/shards.h"

struct Loader;

typedef struct {
    const char *architectures[3];                   // names of classes, NULL-terminated
    const char *model_type;                         // "model_type" of config.json
    const char *prefix;                             // tensor names may have it or lack it, whatever the table
    void (*configure)(const Settings *s, Model *m); // sets m->config
    void (*find_weights)(struct Loader *loader, Model *m); // fills m->weights from the tensors
} Family;

extern const Family marian, t5, mt5, umt5, gpt2;
extern const Family *const families[]; // all families, NULL-terminated (families.c)

// The activation function that a key names (Hugging Face's names). The name may begin with "gated-" where the
// caller wants to know that, as *gated; else NULL.
Activation setting_activation(const Settings *s, const char *key, const char *absent, bool *gated);
// The number of heads where they divide D.
int setting_heads(const Settings *s, const char *key, int absent, int d_model);
// The epsilon of a norm: a number from 0; absent: the default.
float setting_epsilon(const Settings *s, const char *key, float absent);

// ---- loader (loader.c) --------------------------------------------------------------------------------
// A load_ function finds a tensor by its name (printf style), checks its shape, and stores it in the form
// that the forward pass uses. On failure the sticky error names file, tensor, expected and found shape.
// Numbers below FLT_MIN in magnitude (subnormal floats) count as 0: some CPUs are 40 times slower with them,
// others take them for 0, and so all give the same bits.

enum { MAX_TABLES = 3 }; // the embeddings of both stacks, and the lm_head

typedef struct Loader {
    Shards shards;
    const Config *config;
    Arena *memory; // of the model: all results are allocated here
    Arena scratch; // for a few rows before they are packed
    int panel_width;
    const char *prefix; // of the family
    Error *error;
    struct { // the tensor that is being read
        const Tensor *tensor;
        const Checkpoint *file;
    } open;
    struct { // the tables that have been loaded
        const Tensor *tensor;
        Matrix matrix;
    } tables[MAX_TABLES];
    int n_tables;
} Loader;

bool tensor_exists(const Loader *l, const char *name, ...);
// name.weight (n_out, n_in), and name.bias (n_out) if the configuration has biases.
void load_linear(Loader *l, Linear *out, int n_in, int n_out, const char *name, ...);
// A transposed matrix with `count` projections side by side (Hugging Face's Conv1D): name.weight
// (n_in, count * n_out), name.bias (count * n_out).
void load_conv1d(Loader *l, Linear *const *out, int count, int n_in, int n_out, const char *name, ...);
// name.weight (D), and name.bias (D) for LayerNorm.
void load_norm(Loader *l, Norm *out, const char *name, ...);
// A tensor (rows, columns) as it is; rows 0: (columns).
const float *load_floats(Loader *l, int rows, int columns, const char *name);
// The table (rows, D) called `own`. If the checkpoint has no such tensor, it is tied to another: it is the
// first of the names in `tied` (NULL-terminated) that the checkpoint has. Equal tables are one in memory.
Matrix load_table(Loader *l, int rows, const char *own, const char *const *tied);
// The relative position bias of one attention, from the table `name` (n_buckets, H).
void load_relative_bias(Loader *l, Attention *out, const char *name, ...);

#endif
