// SPDX-License-Identifier: MIT
// pick.c -- choose the next token.
#include "pick.h"
#include <math.h>
#include <stdlib.h>
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

double random_next(Random *random)
{
    random->state += 0x9E3779B97F4A7C15u;
    return (double)(mix(random->state) >> 11) * 0x1p-53;
}

typedef struct {
    float score;
    int id;
} Ranked;

static int by_rank(const void *a, const void *b) // best first, the lower id among equals
{
    const Ranked *s = a, *t = b;
    if (s->score != t->score) return s->score > t->score ? -1 : 1;
    return s->id - t->id;
}

static void keep_top_p(float *scores, const Ranked *ranked, int V, double p, Arena *scratch)
{
    float *probabilities = arena_floats(scratch, V, 1);
    const float limit = (float)(1 - p);
    double sum = 0;
    memcpy(probabilities, scores, V * sizeof *scores);
    softmax(probabilities, 1, V);
    for (int i = V - 1; i > 0; i--) { // from the worst; the best always stays
        sum += probabilities[ranked[i].id];
        if ((float)sum <= limit) scores[ranked[i].id] = -INFINITY;
    }
}

void sampling_probabilities(float *scores, const Options *o, Arena *scratch)
{
    const int V = o->vocab;
    const ArenaMark mark = arena_mark(scratch);
    for (int v = 0; v < V; v++) scores[v] /= (float)o->temperature;
    if (o->top_k > 0 || o->top_p < 1) {
        Ranked *ranked = arena_alloc(scratch, V, sizeof *ranked);
        for (int v = 0; v < V; v++) ranked[v] = (Ranked){scores[v], v};
        qsort(ranked, V, sizeof *ranked, by_rank);
        const float kth = ranked[o->top_k > 0 && o->top_k < V ? o->top_k - 1 : V - 1].score;
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
    if (o->temperature == 0 || !isfinite(scores[best] / (float)o->temperature))
        return best; // T almost 0, or all banned
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
