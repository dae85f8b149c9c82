// SPDX-License-Identifier: MIT
// bench_limits.h -- what the machine can do at most, measured with nothing else in the way.
//
//   peak         multiplications and additions per second, everything in registers: no program computes faster
//   one stream   bytes per second of reading memory from its beginning to its end
//   streams      the same, reading at 8 places in turn: each keeps a prefetcher of the CPU busy. No program that
//                needs every weight once per token, and whose weights do not fit into a cache, decodes faster
//
// The memory must be several times as large as the last cache, else its limit is not that of the memory.
#ifndef BENCH_LIMITS_H
#define BENCH_LIMITS_H
#include "tensor/memory.h"
#include "tensor/workers.h"

typedef struct {
    double peak;                // GFLOP/s: 10^9 floating-point operations per second; multiply-add is two
    double one_stream, streams; // GB/s: 10^9 bytes per second
} Limits;

// Memory to read: (n) small random numbers.
typedef struct {
    float *values;
    size_t n;
} ReadBuffer;
ReadBuffer read_buffer_new(Arena *arena, size_t n);

// Each is measured for at least `seconds`, with all threads of a team (NULL: one).
double limit_of_arithmetic(Workers *workers, double seconds);
double limit_of_reading(const ReadBuffer *buffer, Workers *workers, int n_streams, double seconds); // 1 or 8
Limits limits_measure(const ReadBuffer *buffer, Workers *workers, double seconds);

// How long does a call take? It is called 1, 2, 4, ... times, until that takes `at_least` seconds. Seconds per call.
typedef void Call(void *context);
double time_call(Call *call, void *context, double at_least);

#endif
