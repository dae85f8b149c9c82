// SPDX-License-Identifier: MIT
// memory.c -- arenas: a list of chunks, filled one after the other.
//
//   first -> [used up] -> [current: used | free] -> [empty, kept by a reset] -> NULL
//
// An allocation takes the next bytes of the current chunk, or goes on to the next chunk that is large enough,
// or adds a chunk. A reset only sets `current` and `used` back, so a forward pass of the same size as the one
// before takes nothing from the system.
// Sizes are multiples of ALIGNMENT, so all pieces are aligned to a cache line.
#include "tensor/memory.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// With the address sanitizer, memory that an arena has not handed out is poisoned, and every piece is
// followed by a poisoned border (a red zone), so that an access past its end is reported, as for malloc().
#ifdef __has_feature // clang
#if __has_feature(address_sanitizer)
#define BORDERS
#endif
#elif defined __SANITIZE_ADDRESS__ // gcc
#define BORDERS
#endif
#ifdef BORDERS // the two functions of <sanitizer/asan_interface.h>
void __asan_poison_memory_region(void const volatile *start, size_t bytes);
void __asan_unpoison_memory_region(void const volatile *start, size_t bytes);
#define FORBID(start, bytes) __asan_poison_memory_region(start, bytes)
#define ALLOW(start, bytes)  __asan_unpoison_memory_region(start, bytes)
enum { BORDER = 64 };
#else
#define FORBID(start, bytes) ((void)(start), (void)(bytes))
#define ALLOW(start, bytes)  ((void)(start), (void)(bytes))
enum { BORDER = 0 };
#endif

enum { ALIGNMENT = 64, MIN_CHUNK = 1 << 16 }; // bytes; 64: a cache line, and an AVX-512 vector

struct Chunk {
    Chunk *next;
    size_t size, used;    // bytes from `start` on
    unsigned char *start; // first aligned byte after this header
};

// count * size; exits if it overflows.
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

// Header and data are one allocation; `start` is rounded up to the alignment.
static Chunk *chunk_new(size_t size)
{
    Chunk *chunk = memory_resize(NULL, sizeof *chunk + ALIGNMENT + size, 1);
    uintptr_t start = (uintptr_t)(chunk + 1);
    start = (start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *chunk = (Chunk){.size = size, .start = (unsigned char *)start};
    FORBID(chunk->start, size);
    return chunk;
}

void *arena_alloc(Arena *arena, size_t count, size_t size)
{
    const size_t wanted = product(count, size);
    const size_t bytes = (wanted + BORDER + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    Chunk *chunk = arena->current;
    while (chunk && chunk->size - chunk->used < bytes) { // all chunks after `current` are empty
        chunk = chunk->next;
        if (chunk) chunk->used = 0;
    }
    if (!chunk) { // as large as all chunks so far: the arena doubles, so there are few chunks
        size_t size_so_far = arena_bytes(arena);
        size_t min = size_so_far > MIN_CHUNK ? size_so_far : MIN_CHUNK;
        chunk = chunk_new(bytes > min ? bytes : min);
        Chunk **link = arena->current ? &arena->current->next : &arena->first;
        chunk->next = *link;
        *link = chunk;
    }
    arena->current = chunk;
    void *piece = chunk->start + chunk->used;
    chunk->used += bytes;
    ALLOW(piece, wanted);
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

// Poisons everything after the mark again. A mark of an arena without chunks has chunk NULL: its beginning.
void arena_release(Arena *arena, ArenaMark mark)
{
    arena->current = mark.chunk ? mark.chunk : arena->first;
    if (arena->current) arena->current->used = mark.used;
    size_t used = mark.used;
    for (const Chunk *chunk = arena->current; chunk; chunk = chunk->next, used = 0)
        FORBID(chunk->start + used, chunk->size - used);
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
        ALLOW(chunk->start, chunk->size);
        free(chunk);
    }
    *arena = (Arena){0};
}
