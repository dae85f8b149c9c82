// SPDX-License-Identifier: MIT
// beam.c -- rank the continuations, let some finish, let the best others run on.
#include "beam.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

// Where there are fewer than B hypotheses, others that do not live fill the places. As in Hugging Face's code
// their sums begin here, so that they rank below all sums that occur; but what decides is that they are not
// `live`, since real sums and scores can be lower than any number.
#define NEVER -1e9f

typedef struct Candidate {
    float sum;
    int parent, token;
    bool live, stops, taken;
} Candidate;

// Does a rank above b? What lives does, then what is larger.
static bool above(bool a_lives, float a, bool b_lives, float b)
{
    return a_lives == b_lives ? a > b : a_lives;
}

static int n_best(const Options *o)
{
    return (o->special->eos.n > 1 ? 1 + o->special->eos.n : 2) * o->num_beams;
}

// B sequences, each with a copy of the prompt, none of which lives yet.
static Sequence *hypotheses_new(Arena *arena, const Beam *beam, const int *prompt, int max_length)
{
    Sequence *list = arena_alloc(arena, beam->B, sizeof *list);
    for (int b = 0; b < beam->B; b++) {
        list[b] = (Sequence){.options = beam->options,
                             .ids = arena_alloc(arena, beam->max_length, sizeof *prompt),
                             .n = beam->n_prompt,
                             .n_prompt = beam->n_prompt,
                             .max_length = max_length,
                             .sum = NEVER,
                             .score = NEVER};
        memcpy(list[b].ids, prompt, beam->n_prompt * sizeof *prompt);
    }
    return list;
}

Beam beam_new(Arena *arena, const Options *o, const int *prompt, int n_prompt, int max_length)
{
    Beam beam = {.options = o,
                 .B = o->num_beams,
                 .n_prompt = n_prompt,
                 .n = n_prompt,
                 .max_length = within_positions(o, max_length),
                 .n_running = 1,
                 .improvable = true};
    beam.running = hypotheses_new(arena, &beam, prompt, max_length);
    beam.next = hypotheses_new(arena, &beam, prompt, max_length);
    beam.finished = hypotheses_new(arena, &beam, prompt, max_length);
    beam.parents = arena_alloc(arena, beam.B, sizeof *beam.parents);
    beam.tokens = arena_alloc(arena, beam.B, sizeof *beam.tokens);
    beam.candidates = arena_alloc(arena, n_best(o), sizeof *beam.candidates);
    // At first all hypotheses are the prompt, and only number 0 lives, or all would remain the same.
    beam.running[0].sum = 0;
    beam.running[0].live = true;
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
        const float *row = log_p + (size_t)(b < beam->n_running ? b : 0) * V;
        const Sequence *running = &beam->running[b];
        for (int v = 0; v < V; v++) {
            const float s = isnan(row[v]) ? -INFINITY : running->sum + row[v];
            const bool live = running->live && s > -INFINITY; // not if v is banned
            if (n == K && !above(live, s, best[K - 1].live, best[K - 1].sum)) continue;
            int rank = n < K ? n++ : K - 1;
            for (; rank > 0 && above(live, s, best[rank - 1].live, best[rank - 1].sum); rank--)
                best[rank] = best[rank - 1];
            best[rank] = (Candidate){s, b, v, live, false, false};
        }
    }
    beam->n_candidates = n;
    for (int k = 0; k < n; k++)
        best[k].stops = is_end(beam->options->special, best[k].token) || beam->n + 1 >= beam->max_length;
}

static void extend(Sequence *out, const Beam *beam, const Candidate *c, float sum, bool live)
{
    memcpy(out->ids, beam->running[c->parent].ids, beam->n * sizeof *out->ids);
    out->ids[beam->n] = c->token;
    out->n = beam->n + 1;
    out->sum = sum;
    out->live = live;
}

float length_divisor(const Options *o, int n_tokens)
{
    return fmaxf((float)pow(n_tokens, o->length_penalty), FLT_MIN);
}

static float divisor_of(const Beam *beam, int n) { return length_divisor(beam->options, n - beam->n_prompt); }

// The finished become the best B of themselves and of the candidates among the first B that stop.
static void finish_some(Beam *beam)
{
    const float divisor = divisor_of(beam, beam->n + 1);
    const bool full = beam->finished[beam->B - 1].ended;
    if (!beam->improvable || (full && beam->options->early_stopping == EARLY_STOPPING_TRUE)) return;
    for (int k = 0; k < beam->B && k < beam->n_candidates; k++) {
        const Candidate *c = &beam->candidates[k];
        const float score = c->sum / divisor;
        int rank = beam->B;
        while (rank > 0 &&
               above(c->live, score, beam->finished[rank - 1].live, beam->finished[rank - 1].score))
            rank--;
        if (!c->stops || rank == beam->B) continue;
        Sequence last = beam->finished[beam->B - 1];
        memmove(beam->finished + rank + 1, beam->finished + rank, (beam->B - 1 - rank) * sizeof last);
        extend(&last, beam, c, c->sum, c->live);
        last.score = score;
        last.ended = true;
        beam->finished[rank] = last;
    }
}

static bool runs_on(const Candidate *c) { return c->live && !c->stops; }
static float running_sum(const Candidate *c) { return c->sum + (c->stops ? NEVER : 0); }

// The best B that do not stop run on. Where they are too few, others fill the places, but do not live.
static void run_on(Beam *beam)
{
    for (int n = 0; n < beam->B; n++) {
        Candidate *best = NULL;
        for (int k = 0; k < beam->n_candidates; k++) {
            Candidate *c = &beam->candidates[k];
            if (c->taken) continue;
            if (!best || above(runs_on(c), running_sum(c), runs_on(best), running_sum(best))) best = c;
        }
        best->taken = true;
        extend(&beam->next[n], beam, best, running_sum(best), runs_on(best));
        beam->parents[n] = beam->n_running == 1 ? 0 : best->parent;
        beam->tokens[n] = best->token;
    }
    Sequence *before = beam->running;
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

// Could the best running hypothesis still get among the finished?
static bool can_improve(const Beam *beam)
{
    const Options *o = beam->options;
    const bool never = o->early_stopping == EARLY_STOPPING_NEVER && o->length_penalty > 0;
    const Sequence *best = &beam->running[0], *worst = &beam->finished[beam->B - 1];
    const float score = best->sum / divisor_of(beam, never ? beam->max_length : beam->n);
    return best->live && above(true, score, worst->live, worst->score);
}

static Problem problem_of(const Beam *beam)
{
    if (!beam_result(beam, 0)) return ALL_BANNED;
    const bool is_full = beam->n == beam->max_length;
    return is_full && beam->n < beam->running[0].max_length ? OUT_OF_POSITIONS : NO_PROBLEM;
}

bool beam_advance(Beam *beam, const float *log_probabilities)
{
    assert(!beam->done);
    rank_continuations(beam, log_probabilities); // the best K of B * V
    finish_some(beam);                           // the first B of them that stop: get among the finished
    run_on(beam);                                // the best B that do not stop

    // Go on while the finished can improve, unless they are enough, or everything stopped.
    beam->improvable = beam->improvable && can_improve(beam);
    const bool enough =
        beam->options->early_stopping == EARLY_STOPPING_TRUE && beam->finished[beam->B - 1].ended;
    beam->done = !beam->improvable || enough || all_stop(beam);
    if (beam->done) beam->problem = problem_of(beam);
    return !beam->done;
}

const Sequence *beam_result(const Beam *beam, int i)
{
    for (int k = 0; k < beam->B; k++)
        if (beam->finished[k].live && i-- == 0) return &beam->finished[k];
    return NULL;
}
