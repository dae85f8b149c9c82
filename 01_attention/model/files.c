// SPDX-License-Identifier: MIT
// files.c -- see files.h.
#include "model/files.h"
#include <stdio.h>
#include <string.h>

char *path_of(Arena *arena, const char *directory, const char *file)
{
    const size_t length = strlen(directory) + strlen(file) + 2;
    char *path = arena_alloc(arena, length, 1);
    snprintf(path, length, "%s/%s", directory, file);
    return path;
}

bool file_exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file) fclose(file);
    return file != NULL;
}

bool refuse_pointer(const char *path, const void *bytes, size_t n, Error *error)
{
    static const char begin[] = "version https://git-lfs"; // its first 8 bytes are no length of a header
    const size_t length = sizeof begin - 1;
    if (n < 8 || memcmp(bytes, begin, n < length ? n : length)) return true;
    return fail(error, "%s is a git-lfs pointer, not the file itself: run \"git lfs pull\"", path);
}
