// SPDX-License-Identifier: MIT
// loader.c -- from tensors in a file to the fields of Weights.
//
// Every load_ function builds a tensor name, calls read_tensor(), which checks the shape and converts to
// float, and stores the result: matrices packed into panels, vectors and tables as they are.
// What is copied into another form (matrices, tables of buckets) is read into scratch memory, everything else
// directly into the memory of the model. After an error read_tensor() returns NULL and nothing is stored.
#include "model/family.h"
#include "model/positions.h"
#include <stdarg.h>
#include <string.h>

typedef struct {
    char text[300];
} Name;

static Name name_of(const Loader *l, const char *format, va_list arguments)
{
    Name name;
    int n = snprintf(name.text, sizeof name.text, "%s", l->prefix);
    vsnprintf(name.text + n, sizeof name.text - n, format, arguments);
    return name;
}

// Format the tensor name that a function was called with: `name` and the arguments after it.
#define NAME_OF(out, l, name)                                                                                \
    va_list arguments_;                                                                                      \
    va_start(arguments_, name);                                                                              \
    Name out = name_of(l, name, arguments_);                                                                 \
    va_end(arguments_)

// name + suffix
static Name with(const Name *name, const char *suffix)
{
    Name out;
    snprintf(out.text, sizeof out.text, "%.280s%s", name->text, suffix);
    return out;
}

static Name full_name(const Loader *l, const char *name)
{
    Name prefix;
    snprintf(prefix.text, sizeof prefix.text, "%s", l->prefix);
    return with(&prefix, name);
}

bool tensor_exists(const Loader *l, const char *name, ...)
{
    NAME_OF(full, l, name);
    return checkpoint_find(&l->file, full.text) != NULL;
}

static void describe_shape(char out[200], const uint64_t *shape, int rank)
{
    int n = snprintf(out, 200, "[");
    for (int i = 0; i < rank; i++)
        n += snprintf(out + n, 200 - n, i ? ", %llu" : "%llu", (unsigned long long)shape[i]);
    snprintf(out + n, 200 - n, "]");
}

// Read the tensor `name` as floats into the arena. Its shape must be (rows, columns); rows 0: (columns).
// NULL with a message on failure, and after any earlier failure.
static const float *read_tensor(Loader *l, Arena *arena, const char *name, int rows, int columns)
{
    char want[200], found[200] = "no such tensor";
    if (l->error->set) return NULL;
    const uint64_t shape[2] = {rows ? (uint64_t)rows : (uint64_t)columns, (uint64_t)columns};
    const int rank = rows ? 2 : 1;
    const Tensor *tensor = checkpoint_find(&l->file, name);
    if (!tensor || tensor->rank != rank || memcmp(tensor->shape, shape, rank * sizeof *shape)) {
        describe_shape(want, shape, rank);
        if (tensor) describe_shape(found, tensor->shape, tensor->rank);
        fail(l->error, "%s: tensor %s: expected shape %s, found %s", l->file.path, name, want, found);
        return NULL;
    }
    float *values = arena_floats(arena, tensor->count, 1);
    return checkpoint_read(&l->file, tensor, values, l->error) ? values : NULL;
}

void load_linear(Loader *l, Linear *out, int n_in, int n_out, const char *name, ...)
{
    NAME_OF(base, l, name);
    arena_reset(&l->scratch);
    const float *w = read_tensor(l, &l->scratch, with(&base, ".weight").text, n_out, n_in);
    if (w) out->weight = matrix_pack(l->memory, w, n_in, n_out, 1, n_in, l->panel_width);
    if (l->config->biases) out->bias = read_tensor(l, l->memory, with(&base, ".bias").text, 0, n_out);
}

void load_conv1d(Loader *l, Linear *out, int n_in, int n_out, int index, int count, const char *name, ...)
{
    NAME_OF(base, l, name);
    const int all = count * n_out;
    arena_reset(&l->scratch);
    const float *w = read_tensor(l, &l->scratch, with(&base, ".weight").text, n_in, all);
    const float *bias = read_tensor(l, l->memory, with(&base, ".bias").text, 0, all);
    if (!w || !bias) return;
    out->weight = matrix_pack(l->memory, w + index * n_out, n_in, n_out, all, 1, l->panel_width);
    out->bias = bias + index * n_out;
}

void load_norm(Loader *l, Norm *out, const char *name, ...)
{
    NAME_OF(base, l, name);
    out->weight = read_tensor(l, l->memory, with(&base, ".weight").text, 0, l->config->d_model);
    if (l->config->norm == LAYER_NORM)
        out->bias = read_tensor(l, l->memory, with(&base, ".bias").text, 0, l->config->d_model);
}

const float *load_table(Loader *l, int rows, int columns, const char *const *names)
{
    const float *table = NULL;
    for (; *names; names++) {
        const Name full = full_name(l, *names);
        if (!checkpoint_find(&l->file, full.text)) continue;
        Arena *arena = table ? &l->scratch : l->memory; // only checked, not kept
        const float *values = read_tensor(l, arena, full.text, rows, columns);
        if (!table) table = values;
    }
    return table;
}

const float *load_table_required(Loader *l, int rows, int columns, const char *const *names)
{
    const float *table = load_table(l, rows, columns, names);
    // If there is none, reading the first name fails with the right message.
    return table ? table : read_tensor(l, l->memory, full_name(l, *names).text, rows, columns);
}

void load_lm_head(Loader *l, Linear *out, const float *table, const float *bias)
{
    const int D = l->config->d_model;
    if (!table) return;
    out->weight = matrix_pack(l->memory, table, D, l->config->vocab, 1, D, l->panel_width);
    out->bias = bias;
}

// Buckets are expanded to distances here, so that attend() only indexes. Not causal: bidirectional.
void load_relative_bias(Loader *l, Attention *out, const char *name, ...)
{
    NAME_OF(full, l, name);
    const Config *c = l->config;
    arena_reset(&l->scratch);
    const float *table = read_tensor(l, &l->scratch, full.text, c->n_buckets, out->n_heads);
    if (!table) return;
    out->max_distance = c->max_distance;
    out->bias = relative_bias(l->memory, table, out->n_heads, c->n_buckets, c->max_distance, !out->causal);
}
