// SPDX-License-Identifier: MIT
// made_files.h -- files that tests make, in TEST_DIR of the build directory.
//
// Tests run in parallel, so each uses file names of its own. A failure in here is an assert, not a CHECK.
#ifndef MADE_FILES_H
#define MADE_FILES_H
#include <stddef.h>
#include <stdint.h>

typedef struct { // {0} is empty
    char *bytes; // n of them, and a final 0
    size_t n;
} Bytes;

void bytes_add(Bytes *out, const void *bytes, size_t n);
void bytes_print(Bytes *out, const char *format, ...);          // printf, appended
void bytes_add_little_endian(Bytes *out, uint64_t bits, int n); // the lowest n bytes
void bytes_free(Bytes *b);

void directory_make(const char *path); // unless it is there
void file_make(const char *path, const void *bytes, size_t n);
void text_make(const char *path, const char *text);
Bytes file_bytes(const char *path);
// Replace the first `old` in the file, where it must occur, by `new`. Returns the file as it was before.
Bytes file_replace(const char *path, const char *old, const char *new);
void file_restore(const char *path, Bytes *before); // and free the bytes

// Another tensor in a safetensors header, which begins with it or goes on; its bytes are data[begin] to
// data[end - 1]. shape: "3, 4". The header still needs its last "}".
void safetensors_add(Bytes *header, const char *name, const char *dtype, const char *shape, size_t begin,
                     size_t end);
// A safetensors file: 8 bytes with the header's length, the header, the data.
void safetensors_make(const char *path, const char *header, const void *data, size_t n);

#endif
