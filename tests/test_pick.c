// SPDX-License-Identifier: MIT
// Choosing a token: the best one, or one drawn with exactly its probability; and the random numbers for it.
#include "check.h"
#include "pick.h"
#include <math.h>

enum { MAX = 16 };

typedef struct {
    Options options;
    Arena scratch;
} Picker;

static Picker picker(int V, double temperature)
{
    Options o = options_unset();
    o.vocab = V;
    o.temperature = temperature;
    o.top_k = 0;
    o.top_p = 1;
    o.min_p = 0;
    return (Picker){.options = o};
}

// The probabilities of `scores` are exactly the positive ones of `kept`, up to their sum.
static void expect_kept(const char *what, Picker *p, const float *scores, const double *kept)
{
    float probabilities[MAX];
    double sum = 0;
    const int V = p->options.vocab;
    memcpy(probabilities, scores, V * sizeof *scores);
    for (int v = 0; v < V; v++) sum += kept[v];
    sampling_probabilities(probabilities, &p->options, &p->scratch);
    for (int v = 0; v < V; v++) {
        CHECK((probabilities[v] > 0) == (kept[v] > 0), "%s: token %d", what, v);
        CHECK(fabs((double)probabilities[v] - kept[v] / sum) < 1e-6, "%s: token %d has %g, expected %g", what,
              v, (double)probabilities[v], kept[v] / sum);
    }
    arena_free(&p->scratch);
}
#define EXPECT_KEPT(what, p, scores, ...) expect_kept(what, p, scores, (const double[]){__VA_ARGS__})

static int pick_copy(Picker *p, const float *scores, Random *random)
{
    float copy[MAX];
    memcpy(copy, scores, p->options.vocab * sizeof *scores);
    return pick(copy, &p->options, random, &p->scratch);
}

// ---- KV-79: which tokens can be drawn ---------------------------------------------------------------------

static void temperature_zero(void)
{
    static const float scores[] = {-1, 2, 5, 3, 5, -INFINITY}, negative[] = {-9, -7, -8, -7, -7, -10};
    Picker p = picker(6, 0);
    Random random = random_stream(1, 0), unused = random;
    CHECK(pick_copy(&p, scores, &random) == 2, "the lower id of two that are best");
    CHECK(pick_copy(&p, negative, &random) == 1, "the lowest id of three that are best");
    CHECK(random.state == unused.state, "no random number is used");
    p.options.temperature = 1e-300; // 0 as a float; others divide to infinity
    CHECK(pick_copy(&p, scores, &random) == 2, "temperature 1e-300");
    p.options.temperature = 1e-38;
    CHECK(pick_copy(&p, scores, &random) == 2, "temperature 1e-38");
    arena_free(&p.scratch);
}

static void temperature(void)
{
    // Scores are logarithms, so a temperature of 1/2 squares the probabilities.
    const float scores[] = {logf(0.1f), logf(0.2f), logf(0.3f), logf(0.4f)};
    Picker p = picker(4, 1);
    EXPECT_KEPT("1", &p, scores, 0.1, 0.2, 0.3, 0.4);
    p.options.temperature = 0.5;
    EXPECT_KEPT("1/2", &p, scores, 0.01, 0.04, 0.09, 0.16);
    p.options.temperature = 1e6;
    EXPECT_KEPT("very high", &p, scores, 1, 1, 1, 1);
}

static void top_k(void)
{
    const float scores[] = {logf(0.1f), logf(0.2f), logf(0.2f), logf(0.4f), logf(0.1f)};
    Picker p = picker(5, 1);
    p.options.top_k = 1;
    EXPECT_KEPT("1", &p, scores, 0, 0, 0, 1, 0);
    p.options.top_k = 2;
    EXPECT_KEPT("2: all that equal the second stay", &p, scores, 0, 0.2, 0.2, 0.4, 0);
    p.options.top_k = 3;
    EXPECT_KEPT("3", &p, scores, 0, 0.2, 0.2, 0.4, 0);
    p.options.top_k = 4;
    EXPECT_KEPT("4: all that equal the fourth stay", &p, scores, 0.1, 0.2, 0.2, 0.4, 0.1);
    for (p.options.top_k = 5; p.options.top_k < 100000000; p.options.top_k *= 13)
        EXPECT_KEPT("V and more: off", &p, scores, 0.1, 0.2, 0.2, 0.4, 0.1);
}

static void top_p(void)
{
    static const float quarters[] = {0, 0, 0, 0}; // probabilities and their sums are exact
    const float scores[] = {logf(0.05f), logf(0.5f), logf(0.3f), logf(0.15f)};
    Picker p = picker(4, 1);
    p.options.top_p = 0.75;
    EXPECT_KEPT("a token is out where the mass before it is exactly p", &p, quarters, 1, 1, 1, 0);
    p.options.top_p = 0.7500001;
    EXPECT_KEPT("and in where it is less", &p, quarters, 1, 1, 1, 1);
    p.options.top_p = 0.5;
    EXPECT_KEPT("among equals the lower ids stay", &p, quarters, 1, 1, 0, 0);
    p.options.top_p = 0.6;
    EXPECT_KEPT("the token that crosses p stays", &p, scores, 0, 0.5, 0.3, 0);
    p.options.top_p = 0.4;
    EXPECT_KEPT("even the first", &p, scores, 0, 1, 0, 0);
    p.options.top_p = 0.99;
    EXPECT_KEPT("0.99", &p, scores, 0.05, 0.5, 0.3, 0.15);
    p.options.top_p = 1;
    EXPECT_KEPT("1 is off", &p, scores, 0.05, 0.5, 0.3, 0.15);
    p.options.top_p = 1e-30;
    EXPECT_KEPT("almost 0: one", &p, quarters, 1, 0, 0, 0);
    p.options.top_p = 0;
    EXPECT_KEPT("0: one", &p, quarters, 1, 0, 0, 0);
    p.options.top_p = 0.7;
    p.options.top_k = 2; // of 0.5 and 0.3 renormalised, 0.625 is the first's: less than 0.7
    EXPECT_KEPT("p is a fraction of what top-k leaves", &p, scores, 0, 0.5, 0.3, 0);
    p.options.top_p = 0.6;
    EXPECT_KEPT("so 0.6 is reached by one", &p, scores, 0, 1, 0, 0);
}

typedef struct {
    float score;
    int id;
} Ranked;

static int by_rank(const void *a, const void *b)
{
    const Ranked *s = a, *t = b;
    return s->score > t->score ? -1 : s->score < t->score ? 1 : s->id - t->id;
}

// A large vocabulary with many equal scores, zeros of both signs, and banned tokens, against a plain sort.
static void large_vocabulary(void)
{
    enum { V = 20000 };
    static float scores[V], kept[V];
    static Ranked ranked[V];
    uint64_t seed = 1;
    for (int i = 0; i < 12; i++) {
        double sum = 0, before = 0;
        for (int v = 0; v < V; v++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const int number = (int)(seed >> 33) % 4001 - 2000; // i % 3: 20 to 2001 different scores
            scores[v] = i % 3 == 0 ? (float)(number / 100) : (float)number * (i % 3 == 1 ? 0.004f : -1e-3f);
            if (v % 7 == 3) scores[v] = v % 2 ? -0.0f : 0.0f;
            if (v % 11 == i) scores[v] = -INFINITY;
            ranked[v] = (Ranked){scores[v], v};
        }
        qsort(ranked, V, sizeof *ranked, by_rank);
        Picker p = picker(V, 1);
        p.options.top_k = i % 2 ? 1 + 1500 * i : 0;
        p.options.top_p = i % 4 < 3 ? 0.1 + 0.08 * i : 1;
        const float kth = ranked[p.options.top_k > 0 ? p.options.top_k - 1 : V - 1].score;
        memcpy(kept, scores, sizeof kept);
        for (int v = 0; v < V; v++) sum += scores[v] < kth ? 0 : exp((double)scores[v]);
        sampling_probabilities(kept, &p.options, &p.scratch);
        int n_kept = 0, n_expected = 0, n_wrong = 0;
        for (int r = 0; r < V; r++) {
            const double mass = ranked[r].score < kth ? 0 : exp((double)ranked[r].score) / sum;
            const bool expected = mass > 0 && (before < p.options.top_p || p.options.top_p == 1 || !r);
            n_expected += expected;
            n_kept += kept[ranked[r].id] > 0;
            n_wrong += expected != (kept[ranked[r].id] > 0);
            before += mass;
        }
        // Where the sum of rounded probabilities reaches p may differ by a few of 20,000 tokens.
        CHECK(n_wrong <= (p.options.top_p < 1 ? 2 : 0), "case %d: %d wrong, %d kept, expected %d", i, n_wrong,
              n_kept, n_expected);
        arena_free(&p.scratch);
    }
}

static void min_p(void)
{
    const float scores[] = {logf(0.1f), logf(0.4f), logf(0.04f), logf(0.4f), logf(0.06f)};
    Picker p = picker(5, 1);
    p.options.min_p = 0.2;
    EXPECT_KEPT("0.2", &p, scores, 0.1, 0.4, 0, 0.4, 0);
    p.options.min_p = 1;
    EXPECT_KEPT("1: those as probable as the best", &p, scores, 0, 1, 0, 1, 0);
    p.options.min_p = 0;
    EXPECT_KEPT("0 is off", &p, scores, 0.1, 0.4, 0.04, 0.4, 0.06);
    p.options.temperature = 0.5; // squares: the best is 0.16
    p.options.min_p = 0.05;
    EXPECT_KEPT("after the temperature", &p, scores, 0.01, 0.16, 0, 0.16, 0);
}

static void one_left(void)
{
    static const float scores[] = {-INFINITY, -INFINITY, -3, -INFINITY},
                       none[] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
    Picker p = picker(4, 0.7);
    Random random = random_stream(2, 0);
    p.options.top_k = 3;
    p.options.top_p = 0.9;
    p.options.min_p = 0.1;
    EXPECT_KEPT("one token left", &p, scores, 0, 0, 1, 0);
    for (int i = 0; i < 100; i++)
        CHECK(pick_copy(&p, scores, &random) == 2, "the only possible token is drawn");
    CHECK(pick_copy(&p, none, &random) == NO_TOKEN, "if all are banned, none is drawn");
    p.options.temperature = 0;
    CHECK(pick_copy(&p, none, &random) == NO_TOKEN, "nor picked");
    arena_free(&p.scratch);
}

// ---- random numbers ---------------------------------------------------------------------------------------

// The first numbers of SplitMix64 from state 1234567, as other implementations have them.
static void known_numbers(void)
{
    static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                        4593380528125082431u, 16408922859458223821u};
    Random random = {1234567};
    for (int i = 0; i < 5; i++) {
        const double number = random_next(&random);
        CHECK(number == (double)(expected[i] >> 11) * 0x1p-53, "number %d is %.17g", i, number);
    }
}

// The mean of n uniform numbers differs from 1/2 by more than 5 standard deviations in one of a million
// sequences; so does the mean of their squared distances to 1/2 from 1/12.
static void check_uniform(const char *what, double sum, double sum_of_squares, double n)
{
    const double mean = sum / n, variance = sum_of_squares / n;
    CHECK(fabs(mean - 0.5) < 5 * sqrt(1.0 / 12 / n), "%s: mean %.6f", what, mean);
    CHECK(fabs(variance - 1.0 / 12) < 5 * sqrt(1.0 / 180 / n), "%s: variance %.6f", what, variance);
    printf("%s: %.0f numbers, mean %.5f, variance %.5f\n", what, n, mean, variance);
}

static void uniform(void)
{
    enum { N = 1000000 };
    double sums[3] = {0}, squares[3] = {0}, x[3];
    Random one = random_stream(7, 0);
    for (int i = 0; i < N; i++) {
        Random stream = random_stream(7, (uint64_t)i), seed = random_stream((uint64_t)i, 7);
        x[0] = random_next(&one);
        x[1] = random_next(&stream);
        x[2] = random_next(&seed);
        for (int k = 0; k < 3; k++) {
            CHECK(x[k] >= 0 && x[k] < 1, "%.17g", x[k]);
            sums[k] += x[k];
            squares[k] += (x[k] - 0.5) * (x[k] - 0.5);
        }
    }
    check_uniform("one stream", sums[0], squares[0], N);
    check_uniform("the first of each stream", sums[1], squares[1], N);
    check_uniform("the first of each seed", sums[2], squares[2], N);
}

static void streams(void) // KV-81
{
    enum { SEEDS = 20, N = 50 };
    static double numbers[SEEDS * SEEDS][N];
    for (int i = 0; i < SEEDS * SEEDS; i++) {
        Random random = random_stream((uint64_t)(i / SEEDS), (uint64_t)(i % SEEDS));
        Random again = random_stream((uint64_t)(i / SEEDS), (uint64_t)(i % SEEDS));
        for (int k = 0; k < N; k++) {
            numbers[i][k] = random_next(&random);
            CHECK(numbers[i][k] == random_next(&again), "seed %d, stream %d: again", i / SEEDS, i % SEEDS);
        }
        for (int j = 0; j < i; j++) // nor is one a shifted copy of the other
            for (int k = 0; k < N; k++)
                CHECK(numbers[j][k] != numbers[i][0] && numbers[i][k] != numbers[j][0],
                      "seeds %d and %d, streams %d and %d meet", i / SEEDS, j / SEEDS, i % SEEDS, j % SEEDS);
    }
}

// n draws from p's distribution against its probabilities. The sum of (count - expected)^2 / expected, over
// the k tokens that can be drawn, is chi-square distributed with k - 1 degrees of freedom.
static double chi_square(Picker *p, const float *scores, int n, Random *random, int *freedom)
{
    float probabilities[MAX];
    int counts[MAX] = {0};
    double sum = 0;
    memcpy(probabilities, scores, p->options.vocab * sizeof *scores);
    sampling_probabilities(probabilities, &p->options, &p->scratch);
    for (int i = 0; i < n; i++) counts[pick_copy(p, scores, random)]++;
    *freedom = -1;
    for (int v = 0; v < p->options.vocab; v++) {
        const double expected = n * (double)probabilities[v];
        if (expected > 0) sum += (counts[v] - expected) * (counts[v] - expected) / expected, ++*freedom;
        else CHECK(!counts[v], "token %d was drawn %d times", v, counts[v]);
    }
    arena_free(&p->scratch);
    return sum;
}

static void draws(void)
{
    // Quantiles of the chi-square distribution: a correct sampler exceeds them in one of 10^6 experiments.
    // The seed is fixed, so this one passes always or never.
    static const double bounds[] = {0, 23.93, 27.63, 30.66, 33.38, 35.89, 38.26, 40.52, 42.70};
    static const float scores[] = {1, -INFINITY, 0.5f, 2, -1, -INFINITY, 0, 1.5f, -2, -0.5f};
    Picker pickers[] = {picker(10, 1), picker(10, 0.5), picker(10, 2),
                        picker(10, 1), picker(10, 1),   picker(10, 1)};
    pickers[3].options.top_k = 3;
    pickers[4].options.top_p = 0.8;
    pickers[5].options.min_p = 0.2;
    for (int i = 0; i < 6; i++) {
        Random random = random_stream(42, (uint64_t)i);
        int freedom;
        const double sum = chi_square(&pickers[i], scores, 100000, &random, &freedom);
        CHECK(freedom >= 1 && freedom <= 7 && sum < bounds[freedom],
              "distribution %d: chi-square %.2f, %d degrees of freedom", i, sum, freedom);
        printf("chi-square %.2f with %d degrees of freedom, bound %.2f\n", sum, freedom, bounds[freedom]);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"temperature 0 picks the best, the lowest id among equals", temperature_zero},
        {"a temperature divides the scores", temperature},
        {"top-k keeps k tokens, and all that equal the k-th", top_k},
        {"top-p keeps the best that together reach p", top_p},
        {"top-k and top-p of a large vocabulary are those of a sorted list", large_vocabulary},
        {"min-p keeps tokens of at least p times the best probability", min_p},
        {"the only token left is always drawn", one_left},
        {"random numbers are those of SplitMix64", known_numbers},
        {"random numbers are uniform", uniform},
        {"random numbers depend on seed and stream alone", streams},
        {"100000 draws follow the distribution", draws},
    };
    return RUN_TESTS(tests);
}
