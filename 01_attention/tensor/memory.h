// SPDX-License-Identifier: MIT
// memory.h -- the memory policy of the whole project.
//
// There are four kinds of memory, so that a forward pass reads without calls of free():
//   an arena that lives as long as the model          weights, names, tables
//   an arena per text or loop (from stage 03 on)      ids, rows
//   an arena of scratch, reset for each forward pass  activations
//   a free list of blocks for keys and values, and a short array of pointers per list (tensor/kv.h)
// An arena hands out pieces of large chunks and takes all of them back at once. Built with the address
// sanitizer, it puts a red zone behind every piece, so that a write past the end of a piece is reported.
//
// Out of memory ends the program with "error: out of memory ..." and status 1. So none of these functions
// returns NULL for a size above 0.
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

// count * size bytes, aligned to 64 bytes, not cleared.
void *arena_alloc(Arena *arena, size_t count, size_t size);
float *arena_floats(Arena *arena, size_t rows, size_t columns);  // (rows, columns), not cleared
char *arena_text(Arena *arena, const char *text, size_t length); // a copy of length bytes and a final 0
void arena_reset(Arena *arena);                                  // take back all pieces, keep the chunks
ArenaMark arena_mark(const Arena *arena);                        // from stage 03: how much is in use
void arena_release(Arena *arena, ArenaMark mark);                // take back what came after the mark
size_t arena_bytes(const Arena *arena);                          // bytes taken from the system
void arena_free(Arena *arena);                                   // return all chunks to the system

// realloc(old, count * size). A count of 0 frees `old` and returns NULL.
void *memory_resize(void *old, size_t count, size_t size);

#endif
