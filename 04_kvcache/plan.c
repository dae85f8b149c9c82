// SPDX-License-Identifier: MIT
// plan.c -- bytes of a cache: layers x (key + value) per token, in blocks of 16 tokens.
#include "plan.h"
#include "tensor/loops.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool *plan_layers(Arena *arena, const Command *command, const char *list, const Model *m)
{
    const int L = m->config.decoder.n_layers;
    const bool all = !list || !strcmp(list, "all");
    bool *keeps = arena_alloc(arena, L, sizeof *keeps);
    for (int l = 0; l < L; l++) keeps[l] = all;
    if (all || !strcmp(list, "none")) return keeps;
    for (const char *at = list;; at++) {
        char *end;
        const long l = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : -1;
        if (l < 0 || l >= L || (*end && *end != ','))
            cli_error(command,
                      "--cache-layers: expected numbers from 0 to %d with commas, all, or none, found "
                      "\"%s\"",
                      L - 1, list);
        keeps[l] = true;
        at = end;
        if (!*at) return keeps;
    }
}

void plan_use_layers(KVCache *cache, const bool *keeps)
{
    for (int l = 0; l < cache->model->config.decoder.n_layers; l++)
        if (!keeps[l]) kvcache_keep_rows(cache, l);
}

static int n_keeping(const Model *m, const bool *keeps)
{
    int n = 0;
    for (int l = 0; l < m->config.decoder.n_layers; l++) n += keeps[l];
    return n;
}

// Pools as those of a state and of a cache, for their sizes.
static KVPool pool_of(const Model *m, KVType type)
{
    const StackShape *d = &m->config.decoder;
    return type == KV_ROWS ? kv_pool(type, 1, m->config.d_model) : kv_pool(type, d->n_heads, d->head_dim);
}

// Bytes of a position in all layers: of a text's own past; of its source.
static size_t self_bytes(const Model *m, KVType type, const bool *keeps)
{
    const KVPool pool = pool_of(m, type), rows = pool_of(m, KV_ROWS);
    const size_t n = n_keeping(m, keeps), L = m->config.decoder.n_layers;
    return (n * kv_block_bytes(&pool) + (L - n) * kv_block_bytes(&rows)) / KV_BLOCK;
}

static size_t cross_bytes(const Model *m, KVType type)
{
    const KVPool pool = pool_of(m, type);
    return m->config.has_encoder ? m->config.decoder.n_layers * kv_block_bytes(&pool) / KV_BLOCK : 0;
}

static void print_layers(FILE *out, const Model *m, KVType type, const bool *keeps)
{
    const KVPool pool = pool_of(m, type), rows = pool_of(m, KV_ROWS);
    const int n = n_keeping(m, keeps), others = m->config.decoder.n_layers - n;
    if (n)
        fprintf(out, "%d layer%s x (key %zu + value %zu)", n, n == 1 ? "" : "s", kv_key_bytes(&pool),
                kv_value_bytes(&pool));
    if (others)
        fprintf(out, "%s%d layer%s x (input row %zu)", n ? " + " : "", others, others == 1 ? "" : "s",
                kv_value_bytes(&rows));
}

void plan_print_token(const Model *m, int type, const bool *keeps)
{
    fprintf(stderr, "%zu bytes per token = ", self_bytes(m, type, keeps));
    print_layers(stderr, m, type, keeps);
}

// ---- the table --------------------------------------------------------------------------------------------

// n texts of so many tokens, with sources of as many; or n beams of one text, which share its source.
static uint64_t bytes_of(uint64_t self, uint64_t cross, uint64_t tokens, int n, bool beams)
{
    return tokens * (n * self + (beams ? 1 : n) * cross);
}

void plan_print(const Model *m, const bool *keeps, int n_tokens)
{
    static const int counts[] = {1, 16, 64}; // of texts, or beams
    const int L = m->config.decoder.n_layers, max = m->config.max_positions;
    const int n_types = n_keeping(m, keeps) < L ? 1 : 3; // input rows are f32
    const uint64_t tokens = (uint64_t)ceil_div(n_tokens, KV_BLOCK) * KV_BLOCK;
    if (max && n_tokens > max) fprintf(stderr, "note: the model has only %d positions\n", max);
    printf("weights\t%zu bytes\n", model_weight_bytes(m, false) + model_weight_bytes(m, true));
    printf("cache\tper token\t1 text\t16 texts\t64 texts\t16 beams\t64 beams\n");
    for (int type = 0; type < n_types; type++) {
        const uint64_t self = self_bytes(m, type, keeps), cross = cross_bytes(m, type);
        printf("%s\t%" PRIu64, kv_type_names()[type], self);
        for (int i = 0; i < 3; i++) printf("\t%" PRIu64, bytes_of(self, cross, tokens, counts[i], false));
        for (int i = 1; i < 3; i++) printf("\t%" PRIu64, bytes_of(self, cross, tokens, counts[i], true));
        printf("\n");
    }
    for (int type = 0; type < n_types; type++) {
        const uint64_t self = self_bytes(m, type, keeps), cross = cross_bytes(m, type);
        printf("%s\t%" PRIu64 " = ", kv_type_names()[type], self);
        print_layers(stdout, m, type, keeps);
        printf("; 1 text: %" PRIu64 " = %" PRIu64 " tokens (blocks of %d) x ",
               bytes_of(self, cross, tokens, 1, false), tokens, KV_BLOCK);
        if (cross) printf("(%" PRIu64 " + source %" PRIu64 ")\n", self, cross);
        else printf("%" PRIu64 "\n", self);
    }
}
