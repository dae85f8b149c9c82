// SPDX-License-Identifier: MIT
// checkpoint.h -- named tensors of a .safetensors file.
//
// The format (github.com/huggingface/safetensors):
//   8 bytes   n, little-endian
//   n bytes   JSON: { "__metadata__": {text: text},
//                     NAME: {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]}, ... }
//   the rest  the elements of the tensors, little-endian, row-major; offset 0 is here; no gap, no overlap
// checkpoint_open() enforces every rule of the reference implementation's loader, and three more: names are
// unique and at most 512 bytes long, and a tensor has at most 8 dimensions.
#ifndef CHECKPOINT_H
#define CHECKPOINT_H
#include "model/error.h"
#include "tensor/memory.h"
#include <stdint.h>
#include <stdio.h>

enum { MAX_RANK = 8 };

typedef struct {
    const char *name, *dtype; // dtype: "F32", "BF16", ...
    int rank;
    uint64_t shape[MAX_RANK];
    uint64_t count;      // elements: the product of the shape, 1 for a scalar
    uint64_t begin, end; // data_offsets
} Tensor;

typedef struct {
    const char *path;
    FILE *file;
    uint64_t data; // offset in the file at which the data begins
    int n_tensors;
    Tensor *tensors; // sorted by name
    Arena memory;
} Checkpoint;

// Read the header and check the file. False with a message on failure; then there is nothing to close.
bool checkpoint_open(Checkpoint *checkpoint, const char *path, Error *error);
void checkpoint_close(Checkpoint *checkpoint);
const Tensor *checkpoint_find(const Checkpoint *checkpoint, const char *name); // NULL if there is none

// Elements as floats, a few at a time: begin, then take the next n of them into out (n), until all are read.
// Types F64 (rounded to float), F32, F16 and BF16; any other is an error.
bool checkpoint_begin(const Checkpoint *checkpoint, const Tensor *tensor, Error *error);
bool checkpoint_next(const Checkpoint *checkpoint, const Tensor *tensor, float *out, uint64_t n,
                     Error *error);
// All of them into out (count).
bool checkpoint_read(const Checkpoint *checkpoint, const Tensor *tensor, float *out, Error *error);

#endif
