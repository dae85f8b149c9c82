// SPDX-License-Identifier: MIT
// beam.c -- rank the continuations, let some finish, let the best others run on.
#include "beam.h"
#include <assert.h>
#include <math.h>
#include <string.h>

// Sums below DEAD come from hypotheses that never lived: see beam_new().
#define NEVER -1e9f
#define DEAD  -1e8f

typedef struct Candidate {
    float sum;
    int parent, token;
    bool stops, taken;
} Candidate;

static float rank_sum(const Candidate *c) { return c->sum + (c->stops ? NEVER : 0); }

static int n_best(const Options *o)
{
    return (o->special->n_eos > 1 ? 1 + o->special->n_eos : 2) * o->num_beams;
}

static Hypothesis *hypotheses_new(Arena *arena, int B, int room)
{
    Hypothesis *list = arena_alloc(arena, B, sizeof *list);
    for (int b = 0; b < B; b++)
        list[b] = (Hypothesis){.ids = arena_alloc(arena, room, sizeof(int)), .sum = NEVER, .score = NEVER};
    return list;
}

Beam beam_new(Arena *arena, const Options *o, const int *prompt, int n_prompt, int max_length)
{
    const int B = o->num_beams;
    Beam beam = {.options = o,
                 .B = B,
                 .n_prompt = n_prompt,
                 .n = n_prompt,
                 .max_length = max_length,
                 .n_running = 1,
                 .improvable = true};
    beam.running = hypotheses_new(arena, B, max_length);
    beam.next = hypotheses_new(arena, B, max_length);
    beam.pool = hypotheses_new(arena, B, max_length);
    beam.parents = arena_alloc(arena, B, sizeof *beam.parents);
    beam.tokens = arena_alloc(arena, B, sizeof *beam.tokens);
    beam.candidates = arena_alloc(arena, n_best(o), sizeof *beam.candidates);
    // At first all hypotheses are the prompt. Only number 0 lives; the others' sums are so low that none of their
    // continuations is chosen while there are others.
    for (int b = 0; b < B; b++) memcpy(beam.running[b].ids, prompt, n_prompt * sizeof *prompt);
    beam.running[0].sum = 0;
    return beam;
}

// The best K of all B * V continuations, best first, lower b * V + v first among equals.
static void rank_continuations(Beam *beam, const float *log_p)
{
    const int V = beam->options->vocab;
    const long long all = (long long)beam->B * V;
    const int K = n_best(beam->options) < all ? n_best(beam->options) : (int)all;
    Candidate *best = beam->candidates;
    int n = 0;
    for (int b = 0; b < beam->B; b++) {
        const float *row = log_p + (size_t)(b < beam->n_running ? b : 0) * V, sum = beam->running[b].sum;
        for (int v = 0; v < V; v++) {
            const float s = sum + row[v];
            if (n == K && !(s > best[K - 1].sum)) continue;
            int place = n < K ? n++ : K - 1;
            for (; place > 0 && s > best[place - 1].sum; place--) best[place] = best[place - 1];
            best[place] = (Candidate){s, b, v, false, false};
        }
    }
    beam->n_candidates = n;
    for (int k = 0; k < n; k++)
        best[k].stops = is_end(beam->options->special, best[k].token) || beam->n + 1 >= beam->max_length;
}

static void extend(Hypothesis *out, const Beam *beam, const Candidate *c, float sum)
{
    memcpy(out->ids, beam->running[c->parent].ids, beam->n * sizeof *out->ids);
    out->ids[beam->n] = c->token;
    out->n = beam->n + 1;
    out->sum = sum;
}

float length_divisor(const Options *o, int n_tokens) { return (float)pow(n_tokens, o->length_penalty); }

static float divisor_of(const Beam *beam, int n) { return length_divisor(beam->options, n - beam->n_prompt); }

// The pool becomes the best B of itself and of the candidates among the first B that stop.
static void finish_some(Beam *beam)
{
    const float divisor = divisor_of(beam, beam->n + 1);
    const bool full = beam->pool[beam->B - 1].finished;
    if (!beam->improvable || (full && beam->options->early_stopping == EARLY_STOPPING_TRUE)) return;
    for (int k = 0; k < beam->B && k < beam->n_candidates; k++) {
        const Candidate *c = &beam->candidates[k];
        const float score = c->sum / divisor;
        int place = beam->B;
        while (place > 0 && score > beam->pool[place - 1].score) place--;
        if (!c->stops || place == beam->B) continue;
        Hypothesis last = beam->pool[beam->B - 1];
        memmove(beam->pool + place + 1, beam->pool + place, (beam->B - 1 - place) * sizeof last);
        extend(&last, beam, c, c->sum);
        last.score = score;
        last.finished = true;
        beam->pool[place] = last;
    }
}

// The best B that do not stop run on. (Those that stop rank as if their sums were lower by 1e9, so they are taken only
// where there is nothing better.)
static void run_on(Beam *beam)
{
    for (int n = 0; n < beam->B; n++) {
        Candidate *best = NULL;
        for (int k = 0; k < beam->n_candidates; k++) {
            Candidate *c = &beam->candidates[k];
            if (!c->taken && (!best || rank_sum(c) > rank_sum(best))) best = c;
        }
        best->taken = true;
        extend(&beam->next[n], beam, best, rank_sum(best));
        beam->parents[n] = beam->n_running == 1 ? 0 : best->parent;
        beam->tokens[n] = best->token;
    }
    Hypothesis *before = beam->running;
    beam->running = beam->next;
    beam->next = before;
    beam->n_running = beam->B;
    beam->n++;
}

static bool all_stop(const Beam *beam)
{
    for (int k = 0; k < beam->n_candidates; k++)
        if (!beam->candidates[k].stops) return false;
    return true;
}

// Could the best running hypothesis still enter the pool?
static bool can_improve(const Beam *beam)
{
    const Options *o = beam->options;
    const bool never = o->early_stopping == EARLY_STOPPING_NEVER && o->length_penalty > 0;
    const Hypothesis *worst = &beam->pool[beam->B - 1];
    return beam->running[0].sum / divisor_of(beam, never ? beam->max_length : beam->n) >
           (worst->finished ? worst->score : NEVER);
}

bool beam_advance(Beam *beam, const float *log_probabilities)
{
    assert(!beam->done);
    rank_continuations(beam, log_probabilities); // the best K of B * V
    finish_some(beam);                           // the first B of them that stop: into the pool
    run_on(beam);                                // the best B that do not stop

    // Go on while the pool can improve, unless it is full and that is enough, or everything stopped.
    beam->improvable = beam->improvable && can_improve(beam);
    const bool enough =
        beam->options->early_stopping == EARLY_STOPPING_TRUE && beam->pool[beam->B - 1].finished;
    beam->done = !beam->improvable || enough || all_stop(beam);
    return !beam->done;
}

const Hypothesis *beam_result(const Beam *beam, int i)
{
    for (int k = 0; k < beam->B; k++)
        if (beam->pool[k].finished && beam->pool[k].sum > DEAD && i-- == 0) return &beam->pool[k];
    return NULL;
}
