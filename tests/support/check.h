// SPDX-License-Identifier: MIT
// check.h -- all the test framework there is.
//
// A test program ends with a table of { "sentence", function } and returns run_tests(). CMakeLists.txt reads the
// sentences from the table's lines and makes each one a test of its own; by hand, a program without arguments
// runs all of its tests, with an argument those whose sentence contains it.
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *sentence;
    void (*run)(void);
} Test;

extern int
    check_failures; // of all files of a test program; the one file-scope variable of the project, in tests only

// CHECK(condition, printf arguments): say what was wrong and go on, at most 20 times.
#define CHECK(condition, ...)                                                                                \
    do {                                                                                                     \
        if (!(condition) && ++check_failures <= 20) {                                                        \
            printf("%s:%d: %s is false: ", __FILE__, __LINE__, #condition);                                  \
            printf(__VA_ARGS__);                                                                             \
            putchar('\n');                                                                                   \
        }                                                                                                    \
    } while (0)

// The same bits, n floats: memcmp, and where they first differ.
#define CHECK_BITS(a, b, n, what)                                                                            \
    do {                                                                                                     \
        const float *a_ = (a), *b_ = (b);                                                                    \
        size_t n_ = (n), i_ = 0;                                                                             \
        while (i_ < n_ && !memcmp(a_ + i_, b_ + i_, sizeof *a_)) i_++;                                       \
        CHECK(i_ == n_, "%s: number %zu of %zu is %a and %a", what, i_, n_, (double)a_[i_], (double)b_[i_]); \
    } while (0)

int run_tests(const Test *tests, size_t n_tests, int argc, char **argv); // returns main()'s status
#define RUN_TESTS(tests) run_tests(tests, sizeof tests / sizeof *tests, argc, argv)

#endif
