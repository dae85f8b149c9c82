// SPDX-License-Identifier: MIT
// families.c -- the list of all families. A new one is a file like gpt2.c and its name here and in family.h.
#include "model/family.h"

const Family *const families[] = {&marian, &t5, &mt5, &umt5, &gpt2, NULL};
