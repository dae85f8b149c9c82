// SPDX-License-Identifier: MIT
// plan.h -- how large is a cache? The layers that keep less, and the table of --plan.
#ifndef PLAN_H
#define PLAN_H
#include "cli.h"
#include "kvcache.h"

// The layers of a cache that keep keys and values, for --cache-layers: numbers separated by commas, "all" (or
// NULL) or "none". keeps (L) is in arena. A list with something else ends the program with a message.
bool *plan_layers(Arena *arena, const Command *command, const char *list, const Model *model);
// The others keep their input rows instead.
void plan_use_layers(KVCache *cache, const bool *keeps);

// On stderr: "3072 bytes per token = 3 layers x (key 512 + value 512)".
void plan_print_token(const Model *model, int cache_type, const bool *keeps);
// --plan N, on stdout: bytes of the weights, and of caches of each type with N tokens.
void plan_print(const Model *model, const bool *keeps, int n_tokens);

#endif
