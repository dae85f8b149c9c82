// SPDX-License-Identifier: MIT
// shards.h -- the weights of a model directory: one file, or several (shards).
//
//   model.safetensors                     all tensors; else, if there is no such file,
//   model.safetensors.index.json          {"weight_map": {TENSOR: FILE, ...}}: which shard holds which tensor
//   model-00001-of-00003.safetensors ...  the shards, under any names, in the same directory
//
// The index and the shards must agree: each tensor is in the one shard that the index names for it.
#ifndef SHARDS_H
#define SHARDS_H
#include "model/checkpoint.h"

typedef struct {
    const char *path; // of the index, or of the only file: for messages
    int n_files;
    Checkpoint *files; // (n_files)
} Shards;

// Open all files; the list of them is allocated in the arena. False with a message on failure; then there is
// nothing to close. If the directory holds weights in another form, the message says what to do.
bool shards_open(Shards *shards, Arena *arena, const char *directory, Error *error);
void shards_close(Shards *shards);
// NULL if there is none; else *file is the checkpoint that holds it.
const Tensor *shards_find(const Shards *shards, const char *name, const Checkpoint **file);

#endif
