// SPDX-License-Identifier: MIT
// families.c -- the table of tables. A new family is one more line here and one more file like its neighbours.
#include "model/family.h"

const Family *const families[] = {&marian, &t5, &umt5, &gpt2, NULL};
