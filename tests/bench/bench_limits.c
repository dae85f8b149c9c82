// SPDX-License-Identifier: MIT
// bench_limits.c -- loops that do one thing only. Check first what the compiler has made of them:
//   objdump -d build/bench | less      the loop in registers_part() should be multiply-adds and nothing else
#include "bench_limits.h"
#include "program.h"

// Independent chains of multiply-adds, each of as many lanes as a vector register has.
#ifdef __AVX512F__
enum { CHAINS = 12, LANES = 16 };
#elif defined __AVX__
enum { CHAINS = 12, LANES = 8 };
#elif defined __clang__
enum { CHAINS = 8, LANES = 4 }; // without instructions of three operands clang does not keep 12 in registers
#else
enum { CHAINS = 12, LANES = 4 };
#endif

double time_call(Call *call, void *context, double min_seconds)
{
    for (long n = 1;; n *= 2) {
        const double start = seconds_now();
        for (long i = 0; i < n; i++) call(context);
        const double taken = seconds_now() - start;
        if (taken >= min_seconds) return taken / (double)n;
    }
}

// ---- arithmetic -------------------------------------------------------------------------------------------

// A multiply-add can begin once or twice per cycle but takes about four cycles, so one chain of them, in
// which each needs the one before, would mostly wait. 12 chains, a factor and a summand fit in 16 registers.
enum { REPEATS = 4096 };

static float registers(float factor, float summand)
{
    enum { N = CHAINS * LANES };
    float chain[N], sum = 0;
    for (int j = 0; j < N; j++) chain[j] = (float)j;
    for (int i = 0; i < REPEATS; i++)
        for (int j = 0; j < N; j++) chain[j] = MADD(chain[j], factor, summand);
    for (int j = 0; j < N; j++) sum += chain[j];
    return sum;
}

// What the loops below are given, and where their results go: volatile, or the compiler could drop the loops.
typedef struct {
    const ReadBuffer *buffer;
    Workers *workers;
    int n_streams;
    volatile float factor, summand, result;
} Measured;

static void registers_part(void *context, int part, int first, int last)
{
    (void)part;
    Measured *m = context;
    for (int i = first; i < last; i++) m->result = registers(m->factor, m->summand);
}

static void registers_all(void *context)
{
    Measured *m = context;
    workers_run(m->workers, workers_count(m->workers), registers_part, m);
}

double limit_of_arithmetic(Workers *workers, double min_seconds)
{
    Measured m = {.workers = workers, .factor = 0.5f, .summand = 1};
    const double operations = 2.0 * REPEATS * CHAINS * LANES * workers_count(workers);
    return operations / time_call(registers_all, &m, min_seconds) * 1e-9;
}

// ---- memory -----------------------------------------------------------------------------------------------

enum { STREAMS = 8, LINE = 16 }; // floats in a cache line of 64 bytes

// The sum of 8 streams, n lines of each, one line of each in turn. The streams are `distance` floats apart,
// the lines of a stream `step` floats. The additions overlap with the loads: only reading takes time.
static float sum_of_streams(const float *p, size_t distance, size_t step, size_t n)
{
    float lane[LINE] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++, p += step)
        for (int j = 0; j < LINE; j++)
            lane[j] +=
                ((p[j] + p[distance + j]) + (p[2 * distance + j] + p[3 * distance + j])) +
                ((p[4 * distance + j] + p[5 * distance + j]) + (p[6 * distance + j] + p[7 * distance + j]));
    for (int j = 0; j < LINE; j++) sum += lane[j];
    return sum;
}

// A thread's part of the memory. Streams are an odd number of lines apart: at a distance of a power of two
// they would compete for the same few sets of the caches.
static void read_part(void *context, int part, int first, int last)
{
    (void)part;
    Measured *m = context;
    const size_t n = m->buffer->n / workers_count(m->workers) / LINE * LINE;
    const size_t lines = (n / STREAMS / LINE - 1) | 1, distance = (lines - 2) * LINE;
    for (int i = first; i < last; i++) {
        const float *p = m->buffer->values + i * n;
        if (m->n_streams == 1) m->result = sum_of_streams(p, LINE, STREAMS * LINE, lines - 2);
        else m->result = sum_of_streams(p, distance, LINE, lines - 2);
    }
}

static void read_all(void *context)
{
    Measured *m = context;
    workers_run(m->workers, workers_count(m->workers), read_part, m);
}

double limit_of_reading(const ReadBuffer *buffer, Workers *workers, int n_streams, double min_seconds)
{
    Measured m = {.buffer = buffer, .workers = workers, .n_streams = n_streams};
    return (double)buffer->n * sizeof(float) / time_call(read_all, &m, min_seconds) * 1e-9;
}

ReadBuffer read_buffer_new(Arena *arena, size_t n)
{
    ReadBuffer buffer = {arena_floats(arena, n, 1), n};
    unsigned x = 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u; // a linear congruential generator (Knuth; Numerical Recipes)
        buffer.values[i] = (float)(x >> 8) * 0x1p-24f - 0.5f;
    }
    return buffer;
}

Limits limits_measure(const ReadBuffer *buffer, Workers *workers, double min_seconds)
{
    return (Limits){
        .peak = limit_of_arithmetic(workers, min_seconds),
        .one_stream = limit_of_reading(buffer, workers, 1, min_seconds),
        .streams = limit_of_reading(buffer, workers, STREAMS, min_seconds),
    };
}
