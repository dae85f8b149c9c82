// SPDX-License-Identifier: MIT
// slots.c -- from tensors in a file to the slots of Weights.
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

// The name a slot_ function was called with: after `name` in its parameter list.
#define NAME_OF(out, l, name)                                                                                \
    va_list arguments_;                                                                                      \
    va_start(arguments_, name);                                                                              \
    Name out = name_of(l, name, arguments_);                                                                 \
    va_end(arguments_)

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

bool slot_exists(const Loader *l, const char *name, ...)
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

// Read tensor `name` as floats into arena; it must have the shape (rows, columns), or (columns) if rows is 0.
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

void slot_linear(Loader *l, Linear *out, int n_in, int n_out, const char *name, ...)
{
    NAME_OF(base, l, name);
    arena_reset(&l->scratch);
    const float *w = read_tensor(l, &l->scratch, with(&base, ".weight").text, n_out, n_in);
    if (w) out->weight = matrix_pack(l->memory, w, n_in, n_out, 1, n_in, l->panel_width);
    if (l->config->biases) out->bias = read_tensor(l, l->memory, with(&base, ".bias").text, 0, n_out);
}

void slot_conv1d(Loader *l, Linear *out, int n_in, int n_out, int part, int parts, const char *name, ...)
{
    NAME_OF(base, l, name);
    const int all = parts * n_out;
    arena_reset(&l->scratch);
    const float *w = read_tensor(l, &l->scratch, with(&base, ".weight").text, n_in, all);
    const float *bias = read_tensor(l, l->memory, with(&base, ".bias").text, 0, all);
    if (!w || !bias) return;
    out->weight = matrix_pack(l->memory, w + part * n_out, n_in, n_out, all, 1, l->panel_width);
    out->bias = bias + part * n_out;
}

void slot_norm(Loader *l, Norm *out, const char *name, ...)
{
    NAME_OF(base, l, name);
    out->weight = read_tensor(l, l->memory, with(&base, ".weight").text, 0, l->config->width);
    if (l->config->norm == LAYER_NORM)
        out->bias = read_tensor(l, l->memory, with(&base, ".bias").text, 0, l->config->width);
}

const float *slot_table(Loader *l, int rows, int columns, const char *const *names)
{
    const float *table = NULL;
    for (; *names; names++) {
        const Name full = full_name(l, *names);
        if (!checkpoint_find(&l->file, full.text)) continue;
        Arena *arena = table ? &l->scratch : l->memory; // a second name for the same table: only checked
        const float *values = read_tensor(l, arena, full.text, rows, columns);
        if (!table) table = values;
    }
    return table;
}

const float *slot_table_required(Loader *l, int rows, int columns, const char *const *names)
{
    const float *table = slot_table(l, rows, columns, names);
    return table ? table
                 : read_tensor(l, l->memory, full_name(l, *names).text, rows, columns); // fails, and names it
}

void slot_head(Loader *l, Linear *out, const float *table, const float *bias)
{
    const int D = l->config->width;
    if (!table) return;
    out->weight = matrix_pack(l->memory, table, D, l->config->vocab, 1, D, l->panel_width);
    out->bias = bias;
}

void slot_relative_bias(Loader *l, Attention *out, const char *name, ...)
{
    NAME_OF(full, l, name);
    const Config *c = l->config;
    arena_reset(&l->scratch);
    const float *table = read_tensor(l, &l->scratch, full.text, c->n_buckets, out->n_heads);
    if (!table) return;
    out->reach = c->max_distance;
    out->bias = relative_bias(l->memory, table, out->n_heads, c->n_buckets, c->max_distance, !out->causal);
}
