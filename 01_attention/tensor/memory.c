// SPDX-License-Identifier: MIT
// memory.c -- arenas: a list of chunks, filled one after the other.
#include "tensor/memory.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, SMALLEST_CHUNK = 1 << 16 }; // a cache line, and a full AVX-512 vector; bytes

struct Chunk {
    Chunk *next;
    size_t size, used;    // bytes behind `start`
    unsigned char *start; // first aligned byte after this header
};

static size_t product(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 2 / size) {
        fprintf(stderr, "error: out of memory: %zu items of %zu bytes are more than can be addressed\n",
                count, size);
        exit(1);
    }
    return count * size;
}

void *memory_resize(void *old, size_t count, size_t size)
{
    size_t bytes = product(count, size);
    if (!bytes) {
        free(old);
        return NULL;
    }
    void *new = realloc(old, bytes);
    if (!new) {
        fprintf(stderr, "error: out of memory: cannot get %zu bytes\n", bytes);
        exit(1);
    }
    return new;
}

static Chunk *chunk_new(size_t size)
{
    Chunk *chunk = memory_resize(NULL, sizeof *chunk + ALIGNMENT + size, 1);
    uintptr_t start = (uintptr_t)(chunk + 1);
    start = (start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *chunk = (Chunk){.size = size, .start = (unsigned char *)start};
    return chunk;
}

void *arena_alloc(Arena *arena, size_t count, size_t size)
{
    size_t bytes = (product(count, size) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    Chunk *chunk = arena->current;
    while (chunk && chunk->size - chunk->used < bytes) { // chunks behind `current` are empty: try them
        chunk = chunk->next;
        if (chunk) chunk->used = 0;
    }
    if (!chunk) { // twice the arena's size each time, so there are few chunks
        size_t size_so_far = arena_bytes(arena);
        size_t least = size_so_far > SMALLEST_CHUNK ? size_so_far : SMALLEST_CHUNK;
        chunk = chunk_new(bytes > least ? bytes : least);
        Chunk **link = arena->current ? &arena->current->next : &arena->first;
        chunk->next = *link;
        *link = chunk;
    }
    arena->current = chunk;
    void *piece = chunk->start + chunk->used;
    chunk->used += bytes;
    return piece;
}

float *arena_floats(Arena *arena, size_t rows, size_t columns)
{
    return arena_alloc(arena, product(rows, columns), sizeof(float));
}

char *arena_text(Arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1, 1);
    if (length) memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

ArenaMark arena_mark(const Arena *arena)
{
    return (ArenaMark){arena->current, arena->current ? arena->current->used : 0};
}

void arena_release(Arena *arena, ArenaMark mark)
{
    arena->current = mark.chunk ? mark.chunk : arena->first;
    if (arena->current) arena->current->used = mark.used;
}

void arena_reset(Arena *arena) { arena_release(arena, (ArenaMark){arena->first, 0}); }

size_t arena_bytes(const Arena *arena)
{
    size_t bytes = 0;
    for (const Chunk *chunk = arena->first; chunk; chunk = chunk->next) bytes += chunk->size;
    return bytes;
}

void arena_free(Arena *arena)
{
    for (Chunk *chunk = arena->first, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *arena = (Arena){0};
}
