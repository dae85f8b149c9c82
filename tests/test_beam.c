// SPDX-License-Identifier: MIT
// Beam search without a model: fed with the rows of tables, it must find what Hugging Face's finds.
#include "beam.h"
#include "check.h"
#include <math.h>

enum { MAX_V = 8 };

// A language model as a table: the next token depends on the last one only. Row: P(next | last).
typedef struct {
    int V;
    float log_p[MAX_V][MAX_V];
} Markov;

typedef struct {
    Options options;
    TokenIds special;
    Ids bad_word, forced_eos;
    int pad, eos[2];
    Arena arena;
    Beam beam;
    int steps;
    bool all_live; // check at every step that B hypotheses run on
} Run;

// Search from token 0, which is never produced, for at most n_new tokens.
static void run(Run *r, const Markov *m, int n_new)
{
    const int start = 0;
    r->beam = beam_new(&r->arena, &r->options, &start, 1, 1 + n_new);
    float *log_p = arena_floats(&r->arena, r->options.num_beams, m->V);
    do {
        for (int b = 0; b < r->beam.n_running; b++) {
            memcpy(log_p + b * m->V, m->log_p[r->beam.running[b].ids[r->beam.n - 1]], m->V * sizeof *log_p);
            apply_processors(log_p + b * m->V, &r->options, &r->beam.running[b], &r->arena);
        }
        r->steps++;
        for (int b = 0; r->all_live && b < r->beam.n_running; b++)
            CHECK(r->beam.running[b].live, "step %d: hypothesis %d has ended before", r->steps, b);
    } while (beam_advance(&r->beam, log_p));
}

static void prepare(Run *r, int V, int B, double alpha, int early_stopping)
{
    *r = (Run){.pad = 0, .eos = {1, 2}};
    r->options = options_unset();
    r->options.vocab = V;
    r->options.special = &r->special;
    r->special = (TokenIds){.start = 0, .bos = -1, .eos = {r->eos, 1}};
    r->bad_word = (Ids){&r->pad, 1};
    r->options.bad_words = &r->bad_word;
    r->options.n_bad_words = 1;
    r->options.repetition_penalty = 1;
    r->options.no_repeat_ngram_size = 0;
    r->options.num_beams = B;
    r->options.length_penalty = alpha;
    r->options.early_stopping = early_stopping;
}

static Markov toy(void)
{
    static const double p[5][5] = {{.001, .039, .46, .30, .20},
                                   {.2, .2, .2, .2, .2},
                                   {.001, .269, .13, .40, .20},
                                   {.001, .349, .35, .10, .20},
                                   {.001, .559, .14, .21, .09}};
    Markov m = {.V = 5};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) m.log_p[i][j] = (float)log(p[i][j]);
    return m;
}

static void check_result(const Run *r, int rank, const char *tokens, double score)
{
    const Sequence *h = beam_result(&r->beam, rank);
    char found[MAX_IDS_TEXT] = "";
    if (h) ids_text(found, h->ids + 1, h->n - 1);
    CHECK(h && !strcmp(found, tokens),
          "B %d, length penalty %g, early stopping %d, rank %d: expected %s, found %s", r->beam.B,
          r->options.length_penalty, r->options.early_stopping, rank, tokens, found);
    CHECK(h && fabs((double)h->score - score) < 2e-6, "%s: expected score %f, found %f", tokens, score,
          h ? (double)h->score : 0);
}

// [KV-52] With early stopping the search ends when B hypotheses are finished, and so finds short ones;
// without, better ones. The rows come from an independent implementation of the same semantics.
static void finds_what_hugging_face_finds(void)
{
    enum { F = 1 << EARLY_STOPPING_FALSE, T = 1 << EARLY_STOPPING_TRUE, N = 1 << EARLY_STOPPING_NEVER };
    static const struct {
        int B;
        double alpha;
        int modes, steps;
        struct {
            const char *tokens;
            double score;
        } best[3];
    } rows[] = {
        {2, 0, F | N, 4, {{"2 1", -2.089573}, {"2 3 1", -2.745503}}},
        {2, 0, T, 3, {{"2 1", -2.089573}, {"2 3 1", -2.745503}}},
        {2, 1, F, 7, {{"2 3 1", -0.915168}, {"2 3 2 3 1", -0.942323}}},
        {2, 1, T, 3, {{"2 3 1", -0.915168}, {"2 1", -1.044786}}},
        {2, 1, N, 8, {{"2 3 1", -0.915168}, {"2 3 2 3 1", -0.942323}}},
        {2, 2, F | N, 8, {{"2 3 2 3 2 3 2 3", -0.118612}, {"2 3 2 3 2 3 2 1", -0.124811}}},
        {3, 1, F | N, 8, {{"2 3 1", -0.915168}, {"2 3 2 3 1", -0.942323}, {"2 3 2 3 2 3 2 3", -0.948895}}},
        {3, 1, T, 3, {{"2 3 1", -0.915168}, {"2 4 1", -0.989191}, {"2 1", -1.044786}}},
        {3,
         2,
         F,
         8,
         {{"2 3 2 3 2 3 2 3", -0.118612}, {"2 3 2 3 2 3 4 1", -0.122126}, {"2 3 2 3 2 3 2 1", -0.124811}}},
    };
    const Markov m = toy();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int mode = EARLY_STOPPING_FALSE; mode <= EARLY_STOPPING_NEVER; mode++) {
            if (!(rows[i].modes >> mode & 1)) continue;
            Run r;
            prepare(&r, 5, rows[i].B, rows[i].alpha, mode);
            run(&r, &m, 8);
            CHECK(r.steps == rows[i].steps, "row %zu: %d steps, expected %d", i, r.steps, rows[i].steps);
            for (int rank = 0; rank < rows[i].B; rank++)
                check_result(&r, rank, rows[i].best[rank].tokens, rows[i].best[rank].score);
            CHECK(!beam_result(&r.beam, rows[i].B), "row %zu: more results than beams", i);
            arena_free(&r.arena);
        }
}

// KV-75: at the last step the end token is forced, and adds 0 to the sum.
static void a_forced_end_costs_nothing(void)
{
    const Markov m = toy();
    Run r;
    prepare(&r, 5, 2, 1, EARLY_STOPPING_FALSE);
    run(&r, &m, 2);
    check_result(&r, 0, "2 3", -0.846410);
    check_result(&r, 1, "2 1", -1.044786);
    arena_free(&r.arena);
    prepare(&r, 5, 2, 1, EARLY_STOPPING_FALSE);
    r.options.forced_eos = (Ids){r.eos, 1};
    run(&r, &m, 2);
    check_result(&r, 0, "2 1", -0.388264);
    arena_free(&r.arena);
}

static unsigned next_number(uint64_t *state)
{
    return (unsigned)((*state = *state * 6364136223846793005u + 1442695040888963407u) >> 33);
}

static Markov random_markov(uint64_t *seed, int V)
{
    Markov m = {.V = V};
    for (int i = 0; i < V; i++) {
        float row[MAX_V];
        for (int j = 0; j < V; j++) row[j] = (float)(next_number(seed) % 1000) * 0.004f;
        log_softmax(m.log_p[i], row, V);
    }
    return m;
}

// The best score of all token sequences, tried one by one: ended, or of full length.
static float exhaustive(const Markov *m, int last, int n, float sum, int n_new, double alpha)
{
    float best = -INFINITY;
    for (int v = 1; v < m->V; v++) {
        const float s = sum + m->log_p[last][v];
        const bool ends = v == 1 || n + 1 == n_new;
        const float score = ends ? s / (float)pow(n + 1, alpha) : exhaustive(m, v, n + 1, s, n_new, alpha);
        if (score > best) best = score;
    }
    return best;
}

// KV-47: a beam that can hold all hypotheses finds the best one, to the last bit.
static void a_beam_of_all_is_exhaustive_search(void)
{
    uint64_t seed = 1;
    const double alphas[] = {0, 0.6, 1, 2};
    for (int i = 0; i < 300; i++) {
        const int V = 3 + i % 2, n_new = 2 + i % 3;
        const double alpha = alphas[i % 4];
        const Markov m = random_markov(&seed, V);
        Run r;
        prepare(&r, V, (int)pow(V - 1, n_new), alpha, EARLY_STOPPING_NEVER);
        run(&r, &m, n_new);
        const float best = exhaustive(&m, 0, 0, 0, n_new, alpha);
        const Sequence *h = beam_result(&r.beam, 0);
        CHECK(h && h->score == best, "case %d: found %.9g, the best is %.9g", i, h ? (double)h->score : 0,
              (double)best);
        arena_free(&r.arena);
    }
}

// KV-45: results are all different, and none comes from a hypothesis that never lived, even if V < 2 B.
static void a_small_vocabulary_gives_distinct_living_hypotheses(void)
{
    uint64_t seed = 2;
    for (int i = 0; i < 200; i++) {
        const Markov m = random_markov(&seed, 3);
        Run r;
        prepare(&r, 3, 3 + i % 3, 1, i % 3);
        run(&r, &m, 1 + i % 4);
        for (int a = 0; beam_result(&r.beam, a); a++) {
            const Sequence *h = beam_result(&r.beam, a);
            CHECK(h->score > -100, "a dead hypothesis has score %g", (double)h->score);
            for (int b = 0; b < a; b++) {
                const Sequence *other = beam_result(&r.beam, b);
                CHECK(other->n != h->n || memcmp(other->ids, h->ids, h->n * sizeof *h->ids),
                      "results %d and %d are the same", b, a);
                CHECK(other->score >= h->score, "results are not in order");
            }
        }
        CHECK(beam_result(&r.beam, 0), "no result");
        arena_free(&r.arena);
    }
}

// Whether a hypothesis lives is not a question of its score: sums below any number are results as well as
// others, in the right order, and what never lived is none.
static void scores_may_be_lower_than_any_number(void)
{
    uint64_t seed = 4;
    for (int i = 0; i < 60; i++) {
        const float factors[] = {1, 0x1p27f, 0x1p40f}; // powers of 2: all sums are scaled exactly
        Markov m = random_markov(&seed, 5), low = m;
        for (int j = 0; j < 25; j++) low.log_p[j / 5][j % 5] *= factors[i % 3];
        Run r, s;
        const double alpha = i % 2 ? -14 : 1;
        prepare(&r, 5, 3, alpha, i / 3 % 3);
        prepare(&s, 5, 3, alpha, i / 3 % 3);
        run(&r, &m, 6);
        run(&s, &low, 6);
        CHECK(beam_result(&s.beam, 2) && s.beam.problem == NO_PROBLEM, "case %d: fewer results", i);
        for (int k = 0; k < 3; k++) {
            const Sequence *a = beam_result(&r.beam, k), *b = beam_result(&s.beam, k);
            if (a && b)
                CHECK(a->n == b->n && !memcmp(a->ids, b->ids, a->n * sizeof *a->ids),
                      "case %d: result %d differs where all sums are lower", i, k);
        }
        arena_free(&r.arena);
        arena_free(&s.arena);
    }
}

// All tokens banned from some step on, for some hypotheses or for all.
static void no_token_possible(void)
{
    Markov m = toy();
    for (int v = 0; v < 5; v++) m.log_p[3][v] = v % 2 ? NAN : -INFINITY; // nothing follows a 3
    Run r;
    prepare(&r, 5, 3, 1, EARLY_STOPPING_NEVER);
    run(&r, &m, 4);
    CHECK(r.beam.problem == NO_PROBLEM && beam_result(&r.beam, 2), "hypotheses without a 3 go on");
    for (int k = 0; k < 3 && beam_result(&r.beam, k); k++) {
        const Sequence *h = beam_result(&r.beam, k);
        for (int t = 0; t < h->n - 1; t++) CHECK(h->ids[t] != 3, "result %d goes on behind a 3", k);
    }
    arena_free(&r.arena);

    for (int i = 0; i < 5; i++)
        for (int v = 0; v < 5; v++)
            m.log_p[i][v] = i == 0 && v == 3 ? -1 : -INFINITY; // a 3, and nothing more
    prepare(&r, 5, 3, 1, EARLY_STOPPING_FALSE);
    run(&r, &m, 4);
    CHECK(r.steps == 2 && r.beam.problem == ALL_BANNED && !beam_result(&r.beam, 0), "%d steps", r.steps);
    arena_free(&r.arena);
}

// KV-46, KV-51, KV-71: with two end tokens there are 3 B candidates, enough for B hypotheses that run on. No
// token follows an end token, and no padding does.
static void several_end_tokens_leave_enough_candidates(void)
{
    uint64_t seed = 3;
    for (int i = 0; i < 100; i++) {
        Markov m = random_markov(&seed, 6);
        for (int last = 0; last < 6; last++)
            m.log_p[last][1] = m.log_p[last][2] = -0.8f; // both ends are likely
        Run r;
        prepare(&r, 6, 3, 1, EARLY_STOPPING_NEVER);
        r.special.eos.n = 2;
        r.all_live = true;
        run(&r, &m, 5);
        for (int a = 0; beam_result(&r.beam, a); a++) {
            const Sequence *h = beam_result(&r.beam, a);
            for (int t = 1; t < h->n - 1; t++) CHECK(h->ids[t] > 2, "a token follows an end token");
        }
        arena_free(&r.arena);
    }
}

// KV-69: among equal sums the lower hypothesis comes first, then the lower token.
static void ties_go_to_the_lower_hypothesis_and_token(void)
{
    Markov m = {.V = 4};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) m.log_p[i][j] = -1;
    Run r;
    prepare(&r, 4, 2, 0, EARLY_STOPPING_NEVER);
    m.log_p[0][1] = -3;
    run(&r, &m, 1);
    check_result(&r, 0, "2", -1);
    check_result(&r, 1, "3", -1);
    arena_free(&r.arena);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"beam search finds the n best that Hugging Face's finds in a table", finds_what_hugging_face_finds},
        {"a forced end token costs nothing in the score", a_forced_end_costs_nothing},
        {"a beam of all hypotheses finds what exhaustive search finds", a_beam_of_all_is_exhaustive_search},
        {"a vocabulary smaller than the beam gives distinct living hypotheses",
         a_small_vocabulary_gives_distinct_living_hypotheses},
        {"scores may be lower than any number", scores_may_be_lower_than_any_number},
        {"a hypothesis ends where no token is possible, and the search where none is left",
         no_token_possible},
        {"several end tokens leave enough candidates", several_end_tokens_leave_enough_candidates},
        {"ties go to the lower hypothesis and the lower token", ties_go_to_the_lower_hypothesis_and_token},
    };
    return RUN_TESTS(tests);
}
