// SPDX-License-Identifier: MIT
// memory.h -- the project's one policy for memory.
//
// Three kinds of memory, and nobody calls free() in the middle of the mathematics:
//   an Arena that lives as long as the model      (weights, names, tables),
//   an Arena of scratch, reset for each forward pass (activations),
//   a free list of blocks for keys and values      (kv.h).
// An arena hands out pieces of large chunks and takes all of them back at once.
//
// When the system has no memory left there is nothing sensible to compute: the process prints
// "error: out of memory ..." and exits with status 1.
#ifndef MEMORY_H
#define MEMORY_H
#include <stddef.h>

typedef struct Chunk Chunk;
typedef struct {
    Chunk *first, *current; // chunks in order of use; {0} is an empty arena
} Arena;
typedef struct {
    Chunk *chunk;
    size_t used;
} ArenaMark;

void *arena_alloc(Arena *arena, size_t count,
                  size_t size); // count * size bytes, 64-byte aligned, not cleared
float *arena_floats(Arena *arena, size_t rows, size_t columns);  // (rows, columns), not cleared
char *arena_text(Arena *arena, const char *text, size_t length); // a copy of length bytes and a final 0
void arena_reset(Arena *arena);                                  // everything handed out becomes free again
ArenaMark arena_mark(const Arena *arena);                        // remember how much is in use ...
void arena_release(Arena *arena, ArenaMark mark);                // ... and free what came after
size_t arena_bytes(const Arena *arena);                          // bytes taken from the system
void arena_free(Arena *arena);                                   // give all chunks back to the system

// realloc(old, count * size) that does not return on failure. count 0 frees and returns NULL.
void *memory_resize(void *old, size_t count, size_t size);

#endif
