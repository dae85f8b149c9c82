// SPDX-License-Identifier: MIT
// files.h -- small questions about the files of a model directory.
#ifndef FILES_H
#define FILES_H
#include "model/error.h"
#include "tensor/memory.h"

char *path_of(Arena *arena, const char *directory, const char *file); // directory/file
bool file_exists(const char *path);
// git-lfs stores large files elsewhere: without it, a checkout has a few lines of text ("pointer") instead.
// Fails, with a message that says what to do, if a file that begins with these bytes is one.
bool refuse_pointer(const char *path, const void *bytes, size_t n, Error *error);

#endif
