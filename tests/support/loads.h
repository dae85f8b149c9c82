// SPDX-License-Identifier: MIT
// loads.h -- checks that a model directory loads, or that it does not and the message says why.
#ifndef LOADS_H
#define LOADS_H
#include "random_model.h"

enum { MARIAN, T5, MT5, UMT5, GPT2, N_ARCHITECTURES };
const char *architecture(int which); // "MarianMTModel", ...

// messages: texts, ended by NULL. If there are none, the directory must load; else loading must fail with a
// message of one line that contains all of them. what: names this case if the check fails.
void check_load(const char *directory, const char *what, const char *const *messages);
#define CHECK_LOADS(directory, what) check_load(directory, what, (const char *const[]){NULL})
#define CHECK_DOES_NOT_LOAD(directory, what, ...)                                                            \
    check_load(directory, what, (const char *const[]){__VA_ARGS__, NULL})

#endif
