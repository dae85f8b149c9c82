// SPDX-License-Identifier: MIT
// fuzz_checkpoint.c -- any bytes as a .safetensors file, for libFuzzer.
//
//     CC=clang cmake -S . -B build -DFUZZ=ON -DSANITIZE=ON && cmake --build build --target fuzz_checkpoint
//     build/fuzz_checkpoint -max_len=4096 CORPUS      (CORPUS: a directory, empty or with small checkpoints)
#include "model/checkpoint.h"
#include "made_files.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static const char path[] = TEST_DIR "/fuzz.safetensors";
    Checkpoint file;
    Error error = {0};
    file_make(path, bytes, n);
    if (!checkpoint_open(&file, path, &error)) return 0;
    for (int i = 0; i < file.n_tensors; i++) {
        float *values = memory_resize(NULL, file.tensors[i].count + 1, sizeof *values);
        checkpoint_read(&file, &file.tensors[i], values, &error);
        memory_resize(values, 0, 0);
    }
    checkpoint_close(&file);
    return 0;
}
