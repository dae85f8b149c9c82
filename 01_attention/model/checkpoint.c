// SPDX-License-Identifier: MIT
// checkpoint.c -- the safetensors reader (format: checkpoint.h).
//
// checkpoint_open() reads the header, checks each entry by itself and then all of them together, in the order
// of the reference implementation; the data is only read later, piece by piece. All sizes come from the
// file, so their products are checked for overflow.
// Tensors are sorted twice: by offset to find gaps and overlaps, then by name for binary search.
// Bytes are put together arithmetically, so the byte order of the machine does not matter.
#include "model/checkpoint.h"
#include "model/files.h"
#include "model/json.h"
#include "tensor/half.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HEADER 100000000u // bytes, as in the reference implementation
enum { MAX_NAME = 512 };      // bytes

static const struct {
    const char *name;
    int bits; // of an element
} dtypes[] = {
    {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},          {"I8", 8},
    {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
    {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
    {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64},
};

static int dtype_bits(const char *name) // 0 if unknown
{
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (!strcmp(dtypes[i].name, name)) return dtypes[i].bits;
    return 0;
}

static inline uint64_t little_endian(const unsigned char *bytes, int n)
{
    uint64_t value = 0;
    for (int i = n - 1; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

// One entry of the header by itself: the types of its fields, and the number of elements.
static bool read_entry(Tensor *tensor, const Json *entry, const char *path, Error *error)
{
    char found[80];
    const char *name = tensor->name = entry->key;
    const Json *dtype = json_get(entry, "dtype"), *shape = json_get(entry, "shape");
    const Json *offsets = json_get(entry, "data_offsets");
    if (strlen(name) > MAX_NAME)
        return fail(error, "%s: a tensor's name is longer than %d bytes", path, MAX_NAME);
    if (entry->kind != JSON_OBJECT)
        return fail(error, "%s: tensor %s: expected an object, found %s", path, name,
                    json_describe(entry, found));
    if (!dtype || dtype->kind != JSON_STRING || !dtype_bits(dtype->text))
        return fail(error, "%s: tensor %s: dtype: expected a type of the format, found %s", path, name,
                    json_describe(dtype, found));
    if (!shape || shape->kind != JSON_ARRAY)
        return fail(error, "%s: tensor %s: shape: expected an array, found %s", path, name,
                    json_describe(shape, found));
    if (shape->count > MAX_RANK)
        return fail(error, "%s: tensor %s: shape: %d dimensions, at most %d are supported", path, name,
                    shape->count, MAX_RANK);
    if (!offsets || offsets->kind != JSON_ARRAY || offsets->count != 2 ||
        !json_uint64(offsets->first, &tensor->begin) || !json_uint64(offsets->first->next, &tensor->end))
        return fail(error, "%s: tensor %s: data_offsets: expected two whole numbers", path, name);
    tensor->dtype = dtype->text;
    tensor->rank = 0;
    tensor->count = 1;
    for (const Json *size = shape->first; size; size = size->next) {
        uint64_t n;
        if (!json_uint64(size, &n))
            return fail(error, "%s: tensor %s: shape: expected whole numbers, found %s", path, name,
                        json_describe(size, found));
        if (n && tensor->count > UINT64_MAX / n)
            return fail(error, "%s: tensor %s: shape: the number of elements overflows", path, name);
        tensor->shape[tensor->rank++] = n;
        tensor->count *= n;
    }
    return true;
}

// Whether data_offsets span as many bytes as the shape needs.
static bool check_size(const Tensor *tensor, const char *path, Error *error)
{
    uint64_t bits = (uint64_t)dtype_bits(tensor->dtype);
    if (tensor->count > UINT64_MAX / bits)
        return fail(error, "%s: tensor %s: shape: the number of bits overflows", path, tensor->name);
    if (tensor->count * bits % 8)
        return fail(error, "%s: tensor %s: its %s elements do not fill whole bytes", path, tensor->name,
                    tensor->dtype);
    if (tensor->end - tensor->begin != tensor->count * bits / 8)
        return fail(error, "%s: tensor %s: expected %llu bytes for its shape, data_offsets span %llu", path,
                    tensor->name, (unsigned long long)(tensor->count * bits / 8),
                    (unsigned long long)(tensor->end - tensor->begin));
    return true;
}

// Must be absent or an object of strings; it is not used.
static bool check_metadata(const Json *metadata, const char *path, Error *error)
{
    if (!metadata || metadata->kind == JSON_NULL) return true;
    if (metadata->kind != JSON_OBJECT) return fail(error, "%s: __metadata__: expected an object", path);
    for (const Json *item = metadata->first; item; item = item->next)
        if (item->kind != JSON_STRING)
            return fail(error, "%s: __metadata__: %s: expected a string", path, item->key);
    return true;
}

static int by_offset(const void *a, const void *b)
{
    const Tensor *s = a, *t = b;
    if (s->begin != t->begin) return s->begin < t->begin ? -1 : 1;
    return s->end < t->end ? -1 : s->end > t->end;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Tensor *)a)->name, ((const Tensor *)b)->name);
}

// In the order of offsets, each tensor must begin where the one before ends; the last must end with the file.
static bool check_layout(Checkpoint *c, uint64_t data_bytes, Error *error)
{
    uint64_t at = 0;
    qsort(c->tensors, c->n_tensors, sizeof *c->tensors, by_offset);
    for (int i = 0; i < c->n_tensors; i++) {
        const Tensor *t = &c->tensors[i];
        if (t->end < t->begin)
            return fail(error, "%s: tensor %s: data_offsets [%llu, %llu]: the end lies before the begin",
                        c->path, t->name, (unsigned long long)t->begin, (unsigned long long)t->end);
        if (t->begin != at)
            return fail(error,
                        "%s: tensor %s: data_offsets [%llu, %llu]: expected to begin at %llu, where the "
                        "tensor before it ends",
                        c->path, t->name, (unsigned long long)t->begin, (unsigned long long)t->end,
                        (unsigned long long)at);
        at = t->end;
        if (!check_size(t, c->path, error)) return false;
    }
    if (at != data_bytes)
        return fail(error, "%s: expected %llu bytes of data, found %llu: the file is %s", c->path,
                    (unsigned long long)at, (unsigned long long)data_bytes,
                    at > data_bytes ? "truncated" : "too long");
    qsort(c->tensors, c->n_tensors, sizeof *c->tensors, by_name);
    return true;
}

// All entries into c->tensors, except the one that is not a tensor.
static bool read_header(Checkpoint *c, const Json *header, Error *error)
{
    if (!header) return false;
    if (header->kind != JSON_OBJECT) return fail(error, "%s: the header is not a JSON object", c->path);
    if (!check_metadata(json_get(header, "__metadata__"), c->path, error)) return false;
    c->tensors = arena_alloc(&c->memory, header->count, sizeof *c->tensors);
    for (const Json *entry = header->first; entry; entry = entry->next)
        if (strcmp(entry->key, "__metadata__"))
            if (!read_entry(&c->tensors[c->n_tensors++], entry, c->path, error)) return false;
    return true;
}

// The whole file except the data, whose size follows from the size of the file.
static bool read_file(Checkpoint *c, Error *error)
{
    unsigned char prefix[8];
    if (fseek(c->file, 0, SEEK_END)) return fail(error, "%s: cannot seek: %s", c->path, strerror(errno));
    const long end = ftell(c->file);
    if (end < 0) return fail(error, "%s: cannot tell its size: %s", c->path, strerror(errno));
    if (end < 8) return fail(error, "%s: %ld bytes are too few for a safetensors file", c->path, end);
    rewind(c->file);
    if (fread(prefix, 1, 8, c->file) != 8)
        return fail(error, "%s: cannot read: %s", c->path, strerror(errno));
    if (!refuse_pointer(c->path, prefix, 8, error)) return false;
    uint64_t n = little_endian(prefix, 8), size = (uint64_t)end;
    if (n > MAX_HEADER)
        return fail(error,
                    "%s: a header of %llu bytes is larger than the limit of %u: not a safetensors file?",
                    c->path, (unsigned long long)n, MAX_HEADER);
    if (8 + n > size)
        return fail(error, "%s: the header ends %llu bytes behind the file: truncated?", c->path,
                    (unsigned long long)(8 + n - size));
    char *text = arena_alloc(&c->memory, n + 1, 1);
    if (fread(text, 1, n, c->file) != n) return fail(error, "%s: cannot read: %s", c->path, strerror(errno));
    c->data = 8 + n;
    return read_header(c, json_parse(&c->memory, text, n, c->path, error), error) &&
           check_layout(c, size - c->data, error);
}

bool checkpoint_open(Checkpoint *c, const char *path, Error *error)
{
    *c = (Checkpoint){.path = path};
    if (error->set) return false;
    c->file = fopen(path, "rb");
    if (!c->file) return fail(error, "%s: cannot open: %s", path, strerror(errno));
    if (read_file(c, error)) return true;
    checkpoint_close(c);
    return false;
}

void checkpoint_close(Checkpoint *c)
{
    if (c->file) fclose(c->file);
    arena_free(&c->memory);
    *c = (Checkpoint){0};
}

const Tensor *checkpoint_find(const Checkpoint *c, const char *name)
{
    Tensor wanted = {.name = name};
    return c->n_tensors ? bsearch(&wanted, c->tensors, c->n_tensors, sizeof wanted, by_name) : NULL;
}

static float float_of(uint32_t bits)
{
    union {
        uint32_t bits;
        float value;
    } number = {bits};
    return number.value;
}

static float double_to_float(uint64_t bits)
{
    union {
        uint64_t bits;
        double value;
    } number = {bits};
    return (float)number.value;
}

// n elements of a type that can be read.
static void convert(float *out, const unsigned char *bytes, size_t n, const char *dtype)
{
    if (!strcmp(dtype, "F64"))
        for (size_t i = 0; i < n; i++) out[i] = double_to_float(little_endian(bytes + 8 * i, 8));
    else if (!strcmp(dtype, "F32"))
        for (size_t i = 0; i < n; i++) out[i] = float_of((uint32_t)little_endian(bytes + 4 * i, 4));
    else if (!strcmp(dtype, "BF16")) // the upper half of a float
        for (size_t i = 0; i < n; i++) out[i] = float_of((uint32_t)little_endian(bytes + 2 * i, 2) << 16);
    else
        for (size_t i = 0; i < n; i++) out[i] = float_of_half((uint16_t)little_endian(bytes + 2 * i, 2));
}

bool checkpoint_begin(const Checkpoint *c, const Tensor *tensor, Error *error)
{
    static const char *const readable[] = {"F64", "F32", "F16", "BF16"};
    const uint64_t position = c->data + tensor->begin;
    int i = 0;
    while (i < 4 && strcmp(tensor->dtype, readable[i])) i++;
    if (i == 4)
        return fail(error, "%s: tensor %s: expected type F64, F32, F16 or BF16, found %s", c->path,
                    tensor->name, tensor->dtype);
    if (position > LONG_MAX || fseek(c->file, (long)position, SEEK_SET))
        return fail(error, "%s: tensor %s: cannot seek to its data", c->path, tensor->name);
    return !error->set;
}

// Through a buffer, so that the bytes need no second copy in memory.
bool checkpoint_next(const Checkpoint *c, const Tensor *tensor, float *out, uint64_t n, Error *error)
{
    unsigned char buffer[1 << 14];
    const size_t bytes = (size_t)dtype_bits(tensor->dtype) / 8, capacity = sizeof buffer / bytes;
    while (n && !error->set) {
        const size_t some = n < capacity ? (size_t)n : capacity;
        if (fread(buffer, bytes, some, c->file) != some)
            fail(error, "%s: tensor %s: cannot read its data", c->path, tensor->name);
        else convert(out, buffer, some, tensor->dtype);
        out += some;
        n -= some;
    }
    return !error->set;
}

bool checkpoint_read(const Checkpoint *c, const Tensor *tensor, float *out, Error *error)
{
    return checkpoint_begin(c, tensor, error) && checkpoint_next(c, tensor, out, tensor->count, error);
}
