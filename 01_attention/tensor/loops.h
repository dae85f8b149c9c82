// SPDX-License-Identifier: MIT
// loops.h -- hints to the compiler about the loops of the kernels (packed.c, kv_sums.c).
//
// A kernel keeps a small array of sums in vector registers: sum[which][lane] (register tiling). This needs
// two things of the compiler: it must unroll the loops over `which` completely, and it must turn the loop
// over lanes into vector instructions.
//
//   INLINE     inline even where the compiler would not: constant arguments become constant loop limits
//   UNROLL     unroll the next loop completely       VECTOR     vectorise the next loop
//   PREFETCH   software prefetch of base[i] into the second cache: the first is too small to read far ahead,
//              and full of what is needed now; the address may lie outside of the array
//
// The macros are empty for compilers other than gcc and clang. They are also empty under a sanitizer, which
// adds checks to every memory access: completely unrolled loops would then take minutes to compile.
#ifndef LOOPS_H
#define LOOPS_H
#include <stdint.h>

#ifdef __has_feature // clang
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#elif defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ // gcc
#define SANITIZED
#endif

#if defined SANITIZED || !defined __GNUC__ // gcc or clang
#define INLINE static
#define UNROLL
#define VECTOR
#define PREFETCH(base, i) ((void)0)
#else
#define INLINE            static inline __attribute__((always_inline))
#define VECTOR            _Pragma("omp simd")
#define PREFETCH(base, i) __builtin_prefetch((const char *)((uintptr_t)(base) + (i) * sizeof *(base)), 0, 2)
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#endif

// The nest of the loops over `which` and the loop over lanes, in the order that the compiler vectorises:
// clang wants the lanes outside, gcc inside. No sum depends on the order.
#ifdef __clang__
#define LANES_AND(others, lanes) lanes others
#else
#define LANES_AND(others, lanes) others lanes
#endif

static inline int smaller(int a, int b) { return a < b ? a : b; }

// The number of groups of at most `max` that n items need, and the size of the first if all are about equal:
// 9 rows become 5 + 4, not 8 + 1, because small tiles do less work per load.
static inline int ceil_div(int n, int max) { return (n + max - 1) / max; }
static inline int even_size(int n, int max) { return ceil_div(n, ceil_div(n, max)); }

#endif
