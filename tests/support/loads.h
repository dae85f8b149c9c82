// SPDX-License-Identifier: MIT
// loads.h -- model directories as subjects of a test: they load, or it is said why not.
#ifndef LOADS_H
#define LOADS_H
#include "random_model.h"

enum { MARIAN, T5, UMT5, GPT2, N_ARCHITECTURES };
const char *architecture(int which); // "MarianMTModel", ...

// The directory must load if there are no messages (ended by NULL); else fail with all of these texts in its message,
// which is one line. what: of this case, for messages of the test.
void check_load(const char *directory, const char *what, const char *const *messages);
#define CHECK_LOADS(directory, what) check_load(directory, what, (const char *const[]){NULL})
#define CHECK_DOES_NOT_LOAD(directory, what, ...)                                                            \
    check_load(directory, what, (const char *const[]){__VA_ARGS__, NULL})

#endif
