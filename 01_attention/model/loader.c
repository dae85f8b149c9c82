// SPDX-License-Identifier: MIT
// loader.c -- from tensors in files to the fields of Weights.
//
// Every load_ function builds a tensor name, calls open_tensor(), which finds the tensor and checks its
// shape, and reads it with next_floats(): vectors as they are, matrices a few rows at a time, which are
// packed into panels at once. So no weight is in memory twice, and a file is read once.
// After an error both do nothing and return false.
#include "model/positions.h"
#include "model/family.h"
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

typedef struct {
    char text[300];
} Name;

// Format the tensor name that a function was called with: `name` and the arguments after it.
#define NAME_OF(out, name)                                                                                   \
    Name out;                                                                                                \
    va_list arguments_;                                                                                      \
    va_start(arguments_, name);                                                                              \
    vsnprintf(out.text, sizeof out.text, name, arguments_);                                                  \
    va_end(arguments_)

// name + suffix
static Name with(const char *name, const char *suffix)
{
    Name out;
    snprintf(out.text, sizeof out.text, "%.140s%.140s", name, suffix);
    return out;
}

// The name without the family's prefix if it has it, else with it.
static Name other_form(const Loader *l, const char *name)
{
    const size_t n = strlen(l->prefix);
    return strncmp(name, l->prefix, n) ? with(l->prefix, name) : with(name + n, "");
}

static const Tensor *find(const Loader *l, const char *name, const Checkpoint **file)
{
    const Tensor *tensor = shards_find(&l->shards, name, file);
    return tensor ? tensor : shards_find(&l->shards, other_form(l, name).text, file);
}

bool tensor_exists(const Loader *l, const char *name, ...)
{
    const Checkpoint *file;
    NAME_OF(full, name);
    return find(l, full.text, &file) != NULL;
}

static void describe_shape(char out[200], const uint64_t *shape, int rank)
{
    int n = snprintf(out, 200, "[");
    for (int i = 0; i < rank; i++)
        n += snprintf(out + n, 200 - n, i ? ", %llu" : "%llu", (unsigned long long)shape[i]);
    snprintf(out + n, 200 - n, "]");
}

// Go to the beginning of a tensor. Its shape must be (rows, columns); rows 0: (columns).
static bool open_tensor(Loader *l, const char *name, int rows, int columns)
{
    char want[200], found[200];
    if (l->error->set) return false;
    const uint64_t shape[2] = {rows ? (uint64_t)rows : (uint64_t)columns, (uint64_t)columns};
    const int rank = rows ? 2 : 1;
    const Tensor *tensor = l->open.tensor = find(l, name, &l->open.file);
    describe_shape(want, shape, rank);
    if (!tensor)
        return fail(l->error, "%s: tensor %s: expected shape %s, found no such tensor, nor %s",
                    l->shards.path, name, want, other_form(l, name).text);
    describe_shape(found, tensor->shape, tensor->rank);
    if (strcmp(want, found))
        return fail(l->error, "%s: tensor %s: expected shape %s, found %s", l->open.file->path, tensor->name,
                    want, found);
    return checkpoint_begin(l->open.file, tensor, l->error);
}

// The next n numbers of the tensor that is open.
static bool next_floats(Loader *l, float *out, size_t n)
{
    if (!checkpoint_next(l->open.file, l->open.tensor, out, n, l->error)) return false;
    for (size_t i = 0; i < n; i++) out[i] = fabsf(out[i]) < FLT_MIN ? 0 : out[i];
    return true;
}

static const float *read_floats(Loader *l, Arena *arena, const char *name, int rows, int columns)
{
    if (!open_tensor(l, name, rows, columns)) return NULL;
    const size_t n = rows ? (size_t)rows * columns : (size_t)columns;
    float *values = arena_floats(arena, n, 1);
    return next_floats(l, values, n) ? values : NULL;
}

// A tensor (n_out, n_in), panel by panel.
static Matrix read_matrix(Loader *l, const char *name, int n_in, int n_out)
{
    if (!open_tensor(l, name, n_out, n_in)) return (Matrix){0};
    arena_reset(&l->scratch);
    float *rows = arena_floats(&l->scratch, l->panel_width, n_in);
    Matrix matrix = matrix_new(l->memory, n_in, n_out, l->panel_width);
    for (int panel = 0; panel < matrix_panels(&matrix); panel++) {
        if (!next_floats(l, rows, (size_t)matrix_panel_rows(&matrix, panel) * n_in)) return (Matrix){0};
        matrix_set_panel(&matrix, panel, rows);
    }
    return matrix;
}

void load_linear(Loader *l, Linear *out, int n_in, int n_out, const char *name, ...)
{
    NAME_OF(base, name);
    out->weight = read_matrix(l, with(base.text, ".weight").text, n_in, n_out);
    if (l->config->biases) out->bias = read_floats(l, l->memory, with(base.text, ".bias").text, 0, n_out);
}

// Row by row: a row of the tensor is a column of each projection.
void load_conv1d(Loader *l, Linear *const *out, int count, int n_in, int n_out, const char *name, ...)
{
    NAME_OF(base, name);
    if (!open_tensor(l, with(base.text, ".weight").text, n_in, count * n_out)) return;
    arena_reset(&l->scratch);
    float *row = arena_floats(&l->scratch, count, n_out);
    for (int i = 0; i < count; i++) out[i]->weight = matrix_new(l->memory, n_in, n_out, l->panel_width);
    for (int k = 0; k < n_in && next_floats(l, row, (size_t)count * n_out); k++)
        for (int i = 0; i < count; i++) matrix_set_column(&out[i]->weight, k, row + (size_t)i * n_out);
    const float *bias = read_floats(l, l->memory, with(base.text, ".bias").text, 0, count * n_out);
    for (int i = 0; bias && i < count; i++) out[i]->bias = bias + (size_t)i * n_out;
}

void load_norm(Loader *l, Norm *out, const char *name, ...)
{
    NAME_OF(base, name);
    out->weight = load_floats(l, 0, l->config->d_model, with(base.text, ".weight").text);
    if (l->config->norm == LAYER_NORM)
        out->bias = load_floats(l, 0, l->config->d_model, with(base.text, ".bias").text);
}

const float *load_floats(Loader *l, int rows, int columns, const char *name)
{
    return read_floats(l, l->memory, name, rows, columns);
}

// Whether the tensor that is open holds the numbers of this matrix.
static bool same_numbers(Loader *l, const Matrix *matrix)
{
    arena_reset(&l->scratch);
    float *row = arena_floats(&l->scratch, 1, matrix->n_in);
    float *other = arena_floats(&l->scratch, 1, matrix->n_in);
    for (int o = 0; o < matrix->n_out && next_floats(l, row, matrix->n_in); o++) {
        matrix_row(other, matrix, o);
        for (int k = 0; k < matrix->n_in; k++)
            if (row[k] != other[k]) return false;
    }
    return true;
}

Matrix load_table(Loader *l, int rows, const char *own, const char *const *tied)
{
    const int D = l->config->d_model;
    const char *name = own;
    for (int i = 0; !tensor_exists(l, "%s", name) && tied[i]; i++) name = tied[i];
    if (!tensor_exists(l, "%s", name) && *tied) name = *tied; // for the message
    for (int i = 0; i < l->n_tables && open_tensor(l, name, rows, D); i++)
        if (l->tables[i].tensor == l->open.tensor ||
            (l->tables[i].matrix.n_out == rows && same_numbers(l, &l->tables[i].matrix)))
            return l->tables[i].matrix;
    const Matrix table = read_matrix(l, name, D, rows);
    l->tables[l->n_tables].tensor = l->open.tensor;
    l->tables[l->n_tables++].matrix = table;
    return table;
}

// Buckets are expanded to distances here, so that attend() only indexes. Not causal: bidirectional.
void load_relative_bias(Loader *l, Attention *out, const char *name, ...)
{
    NAME_OF(full, name);
    const Config *c = l->config;
    arena_reset(&l->scratch);
    const float *table = read_floats(l, &l->scratch, full.text, c->n_buckets, out->n_heads);
    if (!table) return;
    out->max_distance = c->max_distance;
    out->bias = relative_bias(l->memory, table, out->n_heads, c->n_buckets, c->max_distance, !out->causal);
}
