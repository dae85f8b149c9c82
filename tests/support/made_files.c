// SPDX-License-Identifier: MIT
// made_files.c -- files that tests make.
#include "made_files.h"
#include "tensor/memory.h"
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#ifdef _WIN32
#include <direct.h>
#define MAKE_DIRECTORY(path) _mkdir(path)
#else
#include <sys/stat.h>
#define MAKE_DIRECTORY(path) mkdir(path, 0777)
#endif

static void reserve(Bytes *b, size_t n) { b->bytes = memory_resize(b->bytes, b->n + n + 1, 1); }

void bytes_add(Bytes *b, const void *bytes, size_t n)
{
    reserve(b, n);
    if (n) memcpy(b->bytes + b->n, bytes, n);
    b->bytes[b->n += n] = 0;
}

void bytes_print(Bytes *b, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int n = vsnprintf(NULL, 0, format, arguments);
    assert(n >= 0);
    reserve(b, (size_t)n);
    vsnprintf(b->bytes + b->n, (size_t)n + 1, format, again);
    b->n += (size_t)n;
    va_end(again);
    va_end(arguments);
}

void bytes_add_little_endian(Bytes *b, uint64_t bits, int n)
{
    for (int i = 0; i < n; i++, bits >>= 8) bytes_add(b, &(unsigned char){bits & 0xFF}, 1);
}

void bytes_free(Bytes *b)
{
    memory_resize(b->bytes, 0, 0);
    *b = (Bytes){0};
}

void directory_make(const char *path) { (void)MAKE_DIRECTORY(path); } // file_make() will notice a failure

void file_make(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert(file);
    const size_t written = n ? fwrite(bytes, 1, n, file) : 0;
    const int status = fclose(file);
    assert(written == n && !status);
}

void text_make(const char *path, const char *text) { file_make(path, text, strlen(text)); }

Bytes file_bytes(const char *path)
{
    Bytes b = {0};
    char piece[4096];
    FILE *file = fopen(path, "rb");
    assert(file);
    bytes_add(&b, NULL, 0);
    for (size_t n; (n = fread(piece, 1, sizeof piece, file));) bytes_add(&b, piece, n);
    fclose(file);
    return b;
}

// Where `text` begins in b. (Not strstr(): b may contain zeros.)
static size_t find(const Bytes *b, const char *text)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i + n <= b->n; i++)
        if (!memcmp(b->bytes + i, text, n)) return i;
    fprintf(stderr, "there is no %s\n", text);
    assert(0);
    return 0;
}

Bytes file_replace(const char *path, const char *old, const char *new)
{
    Bytes before = file_bytes(path), after = {0};
    const size_t at = find(&before, old), end = at + strlen(old);
    bytes_add(&after, before.bytes, at);
    bytes_add(&after, new, strlen(new));
    bytes_add(&after, before.bytes + end, before.n - end);
    file_make(path, after.bytes, after.n);
    bytes_free(&after);
    return before;
}

void file_restore(const char *path, Bytes *before)
{
    file_make(path, before->bytes, before->n);
    bytes_free(before);
}

void safetensors_add(Bytes *header, const char *name, const char *dtype, const char *shape, size_t begin,
                     size_t end)
{
    bytes_print(header, "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%zu, %zu]}",
                header->n ? ",\n" : "{", name, dtype, shape, begin, end);
}

void safetensors_make(const char *path, const char *header, const void *data, size_t n)
{
    Bytes file = {0};
    const size_t length = strlen(header);
    bytes_add_little_endian(&file, length, 8);
    bytes_add(&file, header, length);
    bytes_add(&file, data, n);
    file_make(path, file.bytes, file.n);
    bytes_free(&file);
}
