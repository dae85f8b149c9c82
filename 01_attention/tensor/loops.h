// SPDX-License-Identifier: MIT
// loops.h -- what the kernels (packed.c, kv.c) have to tell the compiler about their loops.
//
// A kernel keeps a small two-dimensional array of sums in registers: sum[which][lane]. For that the loops over
// `which` must unroll completely and the loop over lanes must become vector instructions. Where a sanitizer checks
// every access, unrolled loops would take minutes to compile and nothing is fast anyway: there the macros say
// nothing, as for compilers unknown here.
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
#define PREFETCH(base, i) __builtin_prefetch((const char *)((uintptr_t)(base) + (i) * sizeof *(base)))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#endif

// The loops over `which` and the loop over lanes, in the order that the compiler understands: clang makes vector
// instructions of an outer loop over lanes, gcc of an inner one.
#ifdef __clang__
#define LANES_AND(others, lanes) lanes others
#else
#define LANES_AND(others, lanes) others lanes
#endif

#endif
