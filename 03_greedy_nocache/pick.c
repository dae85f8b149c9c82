// SPDX-License-Identifier: MIT
// pick.c -- choose the next token.
#include "pick.h"
#include <math.h>
#include <string.h>

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

Random random_stream(uint64_t seed, uint64_t stream)
{
    return (Random){mix(seed + 0x9E3779B97F4A7C15u) ^ mix(mix(stream + 1))};
}

void random_stir(Random *random, const int *ids, int n)
{
    random->state = mix(random->state + (uint64_t)n);
    for (int i = 0; i < n; i++) random->state = mix(random->state + mix((uint64_t)ids[i] + 1));
}

double random_next(Random *random)
{
    random->state += 0x9E3779B97F4A7C15u;
    return (double)(mix(random->state) >> 11) * 0x1p-53;
}

typedef struct {
    uint32_t key; // the larger the score, the smaller the key
    int id;
} Ranked;

// The bits of floats are ordered like the floats, except that those of negative ones run backwards.
static uint32_t rank_key(float score)
{
    const union {
        float value;
        uint32_t bits;
    } number = {score + 0.0f}; // -0 becomes 0: they are equal
    return number.bits >> 31 ? number.bits : number.bits ^ 0x7FFFFFFFu;
}

// All tokens, best first, the lower id first among equals. A radix sort: three times the tokens are dealt out
// by 11 bits of their keys, the lowest bits first, and tokens with the same bits stay in order. A vocabulary
// is large, and the time is linear in V.
static Ranked *rank_tokens(const float *scores, int V, Arena *scratch)
{
    enum { BITS = 11, PILES = 1 << BITS };
    Ranked *from = arena_alloc(scratch, V, sizeof *from), *to = arena_alloc(scratch, V, sizeof *to);
    for (int v = 0; v < V; v++) from[v] = (Ranked){rank_key(scores[v]), v};
    for (int shift = 0; shift < 32; shift += BITS) {
        int start[PILES + 1] = {0}; // of each pile in `to`
        for (int v = 0; v < V; v++) start[(from[v].key >> shift) % PILES + 1]++;
        for (int pile = 0; pile < PILES; pile++) start[pile + 1] += start[pile];
        for (int v = 0; v < V; v++) to[start[(from[v].key >> shift) % PILES]++] = from[v];
        Ranked *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

// Of the tokens ranked, a token stays if those before it have less than p. (Compared as floats: p and the
// probabilities are rounded to them.)
static void keep_top_p(float *scores, const Ranked *ranked, int V, double p, Arena *scratch)
{
    float *probabilities = arena_floats(scratch, V, 1);
    double before = 0;
    memcpy(probabilities, scores, V * sizeof *scores);
    softmax(probabilities, 1, V);
    for (int i = 0; i < V; i++) {
        if (i && (float)before >= (float)p) scores[ranked[i].id] = -INFINITY; // the best always stays
        before += probabilities[ranked[i].id];
    }
}

void sampling_probabilities(float *scores, const Options *o, Arena *scratch)
{
    const int V = o->vocab;
    const ArenaMark mark = arena_mark(scratch);
    for (int v = 0; v < V; v++) scores[v] /= (float)o->temperature;
    if (o->top_k > 0 || o->top_p < 1) {
        const Ranked *ranked = rank_tokens(scores, V, scratch);
        const float kth = scores[ranked[o->top_k > 0 && o->top_k < V ? o->top_k - 1 : V - 1].id];
        for (int v = 0; v < V; v++)
            if (scores[v] < kth) scores[v] = -INFINITY;
        if (o->top_p < 1) keep_top_p(scores, ranked, V, o->top_p, scratch);
    }
    softmax(scores, 1, V);
    if (o->min_p > 0) {
        const float min = (float)o->min_p * scores[argmax(scores, V)];
        float sum = 0;
        for (int v = 0; v < V; v++) sum += scores[v] = scores[v] < min ? 0 : scores[v];
        scale(scores, 1 / sum, V);
    }
    arena_release(scratch, mark);
}

int pick(float *scores, const Options *o, Random *random, Arena *scratch)
{
    const int V = o->vocab;
    const int best = argmax(scores, V);
    if (scores[best] == -INFINITY) return NO_TOKEN;
    if (o->temperature == 0 || !isfinite(scores[best] / (float)o->temperature)) return best; // T almost 0
    sampling_probabilities(scores, o, scratch);
    double left = random_next(random);
    int last = 0; // if rounding leaves a remainder: the last possible token
    for (int v = 0; v < V; v++) {
        if (scores[v] <= 0) continue;
        last = v;
        left -= scores[v];
        if (left < 0) break;
    }
    return last;
}
