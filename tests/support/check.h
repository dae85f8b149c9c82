// SPDX-License-Identifier: MIT
// check.h -- all the test framework there is.
//
// A test program ends with a table of tests, { "sentence", function }, and returns RUN_TESTS(tests).
// CMakeLists.txt reads the sentences from the table and makes each one a test of ctest. By hand: without
// arguments a program runs all of its tests; with arguments, each the sentence of a test, exactly these. A
// sentence that no test has is a failure.
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *sentence;
    void (*run)(void);
} Test;

extern int check_failures; // of all files of a test program

// CHECK(condition, printf arguments): where the condition is false, count a failure, print it and go on. The
// first 20 are printed.
#define CHECK(condition, ...)                                                                                \
    do {                                                                                                     \
        if (!(condition) && ++check_failures <= 20) {                                                        \
            printf("%s:%d: %s is false: ", __FILE__, __LINE__, #condition);                                  \
            printf(__VA_ARGS__);                                                                             \
            putchar('\n');                                                                                   \
        }                                                                                                    \
    } while (0)

// n floats (a) have the bits of those that are expected (b); if not, says where they first differ.
#define CHECK_BITS(a, b, n, what)                                                                            \
    do {                                                                                                     \
        const float *a_ = (a), *b_ = (b);                                                                    \
        size_t n_ = (n), i_ = 0;                                                                             \
        while (i_ < n_ && !memcmp(a_ + i_, b_ + i_, sizeof *a_)) i_++;                                       \
        CHECK(i_ == n_, "%s: number %zu of %zu is %.9g, expected %.9g (%a, %a)", what, i_, n_,               \
              (double)a_[i_], (double)b_[i_], (double)a_[i_], (double)b_[i_]);                               \
    } while (0)

// Tests on models have the model as their parameter. In the table they stand as ON_MODEL(function), which
// casts them to the type of `run`, and RUN_TESTS_EACH(tests, models_each) runs each of them once on every
// model: models_each() casts it back and calls it (models.h). ON_GOLDEN and golden_each are the same for
// other subjects (golden.h).
typedef void Each(void (*run)(void));

// Run a table of tests, or those whose sentences are in argv. each: NULL for tests without a subject. Returns
// the status for main() to return.
int run_tests(const Test *tests, size_t n_tests, Each *each, int argc, char **argv);
#define RUN_TESTS(tests)            run_tests(tests, sizeof tests / sizeof *tests, NULL, argc, argv)
#define RUN_TESTS_EACH(tests, each) run_tests(tests, sizeof tests / sizeof *tests, each, argc, argv)

enum { MAX_IDS_TEXT = 400 };

// Token ids as "7 8 1", cut where out is full. Returns out.
const char *ids_text(char out[MAX_IDS_TEXT], const int *ids, int n);

#endif
