// SPDX-License-Identifier: MIT
// bench_limits.h -- what the machine can do at most, measured with nothing else in the way.
//
//   peak         multiplications and additions per second, all in registers: no program computes faster
//   one stream   bytes per second of reading memory from its beginning to its end
//   streams      the same, reading at 8 addresses in turn: each keeps a prefetcher of the CPU busy. A program
//                that needs every weight once per token decodes no faster, if they do not fit into a cache
//
// The memory must be several times as large as the last cache, or what is measured is the cache.
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

// Each is measured for at least min_seconds, with all threads of a team (NULL: one). n_streams: 1 or 8.
double limit_of_arithmetic(Workers *workers, double min_seconds);
double limit_of_reading(const ReadBuffer *buffer, Workers *workers, int n_streams, double min_seconds);
Limits limits_measure(const ReadBuffer *buffer, Workers *workers, double min_seconds);

// Seconds that a call takes: it is called 1, 2, 4, ... times, until that takes at least min_seconds.
typedef void Call(void *context);
double time_call(Call *call, void *context, double min_seconds);

#endif
