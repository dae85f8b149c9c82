// SPDX-License-Identifier: MIT
// The rules about what may come next: one by one with exact expectations, and all against Hugging Face.
// Source of the rules: Hugging Face transformers, generation/logits_process.py.
#include "golden.h"
#include "pick.h"
#include "processors.h"
#include <math.h>

enum { V = 12, EOS = 1 };
#define LIST(...)                                                                                            \
    {                                                                                                        \
        (int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int)                                     \
    }
#define IDS(...) ((Ids)LIST(__VA_ARGS__))

static const TokenIds one_end = {.start = 0, .bos = -1, .eos = {(int[]){EOS}, 1}};
static const TokenIds two_ends = {.start = 0, .bos = -1, .eos = {(int[]){EOS, 7}, 2}};

static Options all_off(void)
{
    Options o = options_unset();
    o.vocab = V;
    o.special = &one_end;
    o.repetition_penalty = 1;
    o.no_repeat_ngram_size = 0;
    o.temperature = o.top_k = 0;
    o.top_p = 1;
    o.min_p = 0;
    return o;
}

static Sequence after(Ids ids, int n_prompt, int max_length)
{
    return (Sequence){.ids = ids.ids, .n = ids.n, .n_prompt = n_prompt, .max_length = max_length};
}

static void process(float *scores, const Options *o, const Sequence *q)
{
    Arena scratch = {0};
    apply_processors(scores, o, q, &scratch);
    arena_free(&scratch);
}

static void fill(float *scores) // of both signs, and no two alike
{
    for (int v = 0; v < V; v++) scores[v] = 0.25f * (float)v - 1.125f;
}

// After the ids of q exactly the tokens in `banned` may not come next; all other scores stay as they are.
static void expect_banned(const char *what, const Options *o, Sequence q, Ids banned)
{
    float before[V], scores[V];
    fill(before);
    fill(scores);
    for (int i = 0; i < banned.n; i++) before[banned.ids[i]] = -INFINITY;
    process(scores, o, &q);
    CHECK_BITS(scores, before, V, what);
}
#define EXPECT_BANNED(what, o, q, ...) expect_banned(what, o, q, IDS(__VA_ARGS__))
#define EXPECT_NO_BAN(what, o, q)      expect_banned(what, o, q, (Ids){NULL, 0})

// Exactly one token may come next, and its score is 0.
static void expect_forced(const char *what, const Options *o, Sequence q, int token)
{
    float scores[V];
    fill(scores);
    process(scores, o, &q);
    for (int v = 0; v < V; v++)
        CHECK(scores[v] == (v == token ? 0 : -INFINITY), "%s: score %g of token %d", what, (double)scores[v],
              v);
    CHECK(forced_token(o, &q) == token, "%s: forced is %d", what, forced_token(o, &q));
}

// ---- rule by rule -----------------------------------------------------------------------------------------

static void nothing_asked(void)
{
    const Options o = all_off();
    EXPECT_NO_BAN("all rules off", &o, after(IDS(0, 5, 5, 5, 1), 1, 6));
}

static void repetition(void) // KV-77
{
    Options o = all_off();
    const Sequence q = after(IDS(0, 9, 4, 9, 9, 11), 1, 99);
    float scores[V] = {-1, 2, 3, 4, -0.5f, 6, 7, 8, 9, 3, 11, 0}, expected[V];
    memcpy(expected, scores, sizeof scores);
    expected[0] = -2; // the start token counts; a negative score is multiplied
    expected[4] = -1;
    expected[9] = 1.5f; // a positive score is divided, once for three occurrences
    expected[11] = 0;
    o.repetition_penalty = 2;
    process(scores, &o, &q);
    CHECK_BITS(scores, expected, V, "penalty 2");

    o.repetition_penalty = 0.5; // a reward
    process(scores, &o, &q);
    expected[0] = -1;
    expected[4] = -0.5f;
    expected[9] = 3;
    CHECK_BITS(scores, expected, V, "penalty 1/2 undoes 2");
}

static void ngrams(void) // KV-78
{
    Options o = all_off();
    const Sequence q = after(IDS(0, 5, 6, 7, 5, 6), 1, 99);
    o.no_repeat_ngram_size = 1;
    EXPECT_BANNED("1: whatever has occurred", &o, q, 0, 5, 6, 7);
    o.no_repeat_ngram_size = 2;
    EXPECT_BANNED("2: what followed a 6", &o, q, 7);
    o.no_repeat_ngram_size = 3;
    EXPECT_BANNED("3: what followed 5 6", &o, q, 7);
    o.no_repeat_ngram_size = 4;
    EXPECT_NO_BAN("4: 7 5 6 has not occurred before", &o, q);
    for (o.no_repeat_ngram_size = 6; o.no_repeat_ngram_size < 9; o.no_repeat_ngram_size++)
        EXPECT_NO_BAN("as long as the text, or longer", &o, q);
    o.no_repeat_ngram_size = 2;
    EXPECT_BANNED("the start token counts", &o, after(IDS(0, 3, 0), 1, 99), 3);
    EXPECT_BANNED("several", &o, after(IDS(4, 8, 4, 2, 4, 9, 4), 1, 99), 2, 8, 9);
    EXPECT_BANNED("overlapping itself", &o, after(IDS(5, 5, 5), 1, 99), 5);
    EXPECT_NO_BAN("one id has no pair yet", &o, after(IDS(5), 1, 99));
}

static void bad_words(void)
{
    Options o = all_off();
    const Ids words[] = {LIST(3), LIST(5, 6, 9), LIST(7, 5, 6, 2), LIST(4, 8), LIST(6, 10)};
    o.bad_words = words;
    o.n_bad_words = 5;
    EXPECT_BANNED("the ends of those whose beginning is there", &o, after(IDS(0, 5, 6, 7, 5, 6), 1, 99), 2, 3,
                  9, 10);
    EXPECT_BANNED("one token is always banned", &o, after(IDS(0), 1, 99), 3);
    EXPECT_BANNED("a word as long as the text", &o, after(IDS(5, 5, 6), 1, 99), 3, 9, 10);
    EXPECT_BANNED("a word longer than the text, all of it but its last token there", &o, after(IDS(4), 1, 99),
                  3, 8);
    EXPECT_BANNED("and when the text has grown", &o, after(IDS(0, 4), 1, 99), 3, 8);
}

static void pad_wins(void) // KV-74
{
    Options o = all_off();
    Random random = random_stream(0, 0);
    Arena scratch = {0};
    const Sequence q = after(IDS(0), 1, 99);
    const Ids words[] = {LIST(0)};
    float scores[V] = {0, -3, -2, -1, -5, -5, -5, -5, -5, -5, -5, -5}, same[V];
    memcpy(same, scores, sizeof scores);
    process(scores, &o, &q);
    CHECK(pick(scores, &o, &random, &scratch) == 0,
          "the pad token, whose logit is 0, wins where nothing bans it");
    o.bad_words = words;
    o.n_bad_words = 1;
    process(same, &o, &q);
    CHECK(pick(same, &o, &random, &scratch) == 3, "the best of the others wins where it is banned");
    arena_free(&scratch);
}

static void minimum_length(void) // KV-76
{
    Options o = all_off();
    o.min_new_tokens = 2;
    EXPECT_BANNED("0 of 2 new tokens", &o, after(IDS(0), 1, 99), EOS);
    EXPECT_BANNED("1 of 2 new tokens", &o, after(IDS(0, 5), 1, 99), EOS);
    EXPECT_NO_BAN("2 of 2 new tokens", &o, after(IDS(0, 5, 6), 1, 99));
    EXPECT_BANNED("the prompt does not count", &o, after(IDS(0, 5, 6, 7), 3, 99), EOS);
    o.min_new_tokens = UNSET;
    o.min_length = 3;
    EXPECT_BANNED("length 2 of 3", &o, after(IDS(0, 5), 1, 99), EOS);
    EXPECT_NO_BAN("length 3 of 3", &o, after(IDS(0, 5, 6), 1, 99));
    EXPECT_NO_BAN("in min_length the prompt counts", &o, after(IDS(0, 5, 6), 3, 99));
    o.special = &two_ends;
    EXPECT_BANNED("every end token", &o, after(IDS(0, 5), 1, 99), EOS, 7);
    o.min_new_tokens = 0; // wins over min_length, whichever is longer
    EXPECT_NO_BAN("min_new_tokens 0, min_length 3", &o, after(IDS(0), 1, 99));
    o.min_new_tokens = 5;
    EXPECT_BANNED("min_new_tokens 5, min_length 3", &o, after(IDS(0, 5, 6, 8), 1, 99), EOS, 7);
}

static void forced_end(void) // KV-75
{
    Options o = all_off();
    o.forced_eos = IDS(EOS);
    EXPECT_NO_BAN("two tokens are left", &o, after(IDS(0, 5, 6), 1, 5));
    expect_forced("the last token", &o, after(IDS(0, 5, 6, 8), 1, 5), EOS);
    o.min_new_tokens = 9;
    o.bad_words = &IDS(EOS);
    o.n_bad_words = 1;
    expect_forced("comes later than bans and minimum length", &o, after(IDS(0, 5, 6, 8), 1, 5), EOS);

    float scores[V];
    o = all_off();
    o.forced_eos = IDS(EOS, 7);
    const Sequence last = after(IDS(0, 5, 6, 8), 1, 5);
    fill(scores);
    process(scores, &o, &last);
    for (int v = 0; v < V; v++)
        CHECK(scores[v] == (v == EOS || v == 7 ? 0 : -INFINITY), "of two forced ends both have 0: %d", v);
    CHECK(forced_token(&o, &last) == EOS, "and the first is picked");
}

static void forced_beginning(void)
{
    Options o = all_off();
    const Sequence later = after(IDS(0, 5), 1, 99);
    o.forced_bos = IDS(4);
    CHECK(forced_token(&o, &later) == -1, "only the first token is forced");
    expect_forced("after the start token", &o, after(IDS(0), 1, 99), 4);
    EXPECT_NO_BAN("but not later", &o, after(IDS(0, 4), 1, 99));
    EXPECT_NO_BAN("nor after a longer prompt", &o, after(IDS(0, 4), 2, 99));
    o.forced_eos = IDS(EOS);
    expect_forced("if only one fits, it is the end", &o, after(IDS(0), 1, 2), EOS);
}

static void suppressed(void)
{
    Options o = all_off();
    o.suppress = IDS(2, 9);
    EXPECT_BANNED("at the first step", &o, after(IDS(0), 1, 99), 2, 9);
    EXPECT_BANNED("and at later ones", &o, after(IDS(0, 5, 6), 1, 99), 2, 9);
    o.begin_suppress = IDS(3, 9);
    EXPECT_BANNED("some only at the first", &o, after(IDS(0), 1, 99), 2, 3, 9);
    EXPECT_BANNED("not at the second", &o, after(IDS(0, 5), 1, 99), 2, 9);
    EXPECT_BANNED("the first after a prompt of 3", &o, after(IDS(0, 5, 6), 3, 99), 2, 3, 9);

    o.forced_bos = IDS(4); // then the second token is the first that is chosen
    expect_forced("the forced one is not suppressed", &o, after(IDS(0), 1, 99), 4);
    EXPECT_BANNED("the one after it is", &o, after(IDS(0, 4), 1, 99), 2, 3, 9);
    EXPECT_BANNED("after a prompt of 2 nothing is forced", &o, after(IDS(0, 5), 2, 99), 2, 3, 9);

    o = all_off();
    o.forced_eos = o.suppress = IDS(EOS);
    const Sequence last = after(IDS(0, 5), 1, 3);
    float scores[V];
    fill(scores);
    process(scores, &o, &last);
    for (int v = 0; v < V; v++) CHECK(scores[v] == -INFINITY, "suppressed comes after forced: token %d", v);
}

// ---- no token ---------------------------------------------------------------------------------------------

// After the prompt 0 5 a step with these logits ends the sequence for this reason, or appends a token.
static void expect_problem(const char *what, Options o, const float *logits, Problem problem)
{
    Arena arena = {0};
    for (int sampled = 0; sampled < 2; sampled++) {
        const Input input = {.prompt = (int[]){0, 5}, .n_prompt = 2};
        o.temperature = sampled;
        Sequence q = sequence_new(&arena, &o, &input, 9, 0);
        float copy[V];
        memcpy(copy, logits, sizeof copy);
        sequence_advance(&q, copy, &arena);
        CHECK(q.problem == problem && q.ended == (problem != NO_PROBLEM), "%s: problem %d", what, q.problem);
        CHECK(q.n == 2 + (problem == NO_PROBLEM), "%s: %d ids", what, q.n);
    }
    arena_free(&arena);
}

static void no_token_possible(void)
{
    Options o = all_off();
    float logits[V];
    fill(logits);
    expect_problem("as usual", o, logits, NO_PROBLEM);
    for (int v = 0; v < V; v++) logits[v] = v == 3 ? -1e30f : -INFINITY;
    expect_problem("one token, however improbable", o, logits, NO_PROBLEM);
    logits[3] = -INFINITY;
    expect_problem("probability 0 for all", o, logits, ALL_BANNED);
    fill(logits);
    logits[7] = NAN;
    expect_problem("a logit is NaN", o, logits, NOT_FINITE);
    logits[7] = INFINITY;
    expect_problem("a logit is infinite", o, logits, NOT_FINITE);
    fill(logits);
    o.no_repeat_ngram_size = 1;
    o.suppress = IDS(1, 2, 3, 4, 6, 7, 8, 9, 10, 11);
    expect_problem("all others are suppressed or have occurred", o, logits, ALL_BANNED);
    o = all_off();
    o.forced_eos = IDS(50256);
    const Input input = {.prompt = (int[]){0}, .n_prompt = 1};
    Arena arena = {0};
    Sequence q = sequence_new(&arena, &o, &input, 2, 0);
    sequence_advance(&q, logits, &arena);
    CHECK(q.problem == ALL_BANNED && q.n == 1, "a forced token that is not in the vocabulary: %d", q.problem);
    arena_free(&arena);
}

// Banned ids that are not in the vocabulary change nothing.
static void outside_the_vocabulary(void)
{
    Options o = all_off();
    const Ids words[] = {LIST(V), LIST(5, -1), LIST(50256, 6)};
    const TokenIds ends = {.bos = -1, .eos = LIST(EOS)};
    o.special = &ends;
    o.bad_words = words;
    o.n_bad_words = 3;
    o.suppress = IDS(-1, V, 1 << 30, 3);
    o.begin_suppress = IDS(-1, 50256);
    o.min_new_tokens = 4;
    EXPECT_BANNED("only those that are in it", &o, after(IDS(0, 5), 2, 9), EOS, 3);
}

// KV-81: equal seeds, texts and numbers of the sample give equal random numbers, everything else others.
static void random_numbers(void)
{
    Arena arena = {0};
    Options o = all_off();
    static int a[] = {1, 2, 3}, b[] = {1, 2};
    const Input inputs[] = {{.source = a, .n_source = 3, .prompt = a, .n_prompt = 1},
                            {.source = b, .n_source = 2, .prompt = a, .n_prompt = 1},
                            {.source = a, .n_source = 1, .prompt = a, .n_prompt = 3},
                            {.prompt = a, .n_prompt = 3},
                            {.prompt = b, .n_prompt = 2},
                            {.prompt = a + 1, .n_prompt = 2}};
    enum { N = 6 * 3 * 2 };
    double first[N];
    for (int i = 0; i < N; i++) {
        o.seed = (uint64_t)(i / 18);
        Sequence q = sequence_new(&arena, &o, &inputs[i % 6], 9, i / 6 % 3);
        Sequence again = sequence_new(&arena, &o, &inputs[i % 6], 7, i / 6 % 3);
        first[i] = random_next(&q.random);
        CHECK(first[i] == random_next(&again.random), "%d: not the same again", i);
        for (int k = 0; k < i; k++) CHECK(first[i] != first[k], "streams %d and %d are the same", k, i);
    }
    arena_free(&arena);
}

// ---- Hugging Face -----------------------------------------------------------------------------------------

typedef struct {
    Options options;
    TokenIds special;
    int end;
    Sequence sequence;
    Ids bad_words[4];
    Arena arena;
} Case;

static void read_bad_words(Case *c, const Json *lists)
{
    CHECK(lists->count <= 4, "at most 4 bad words");
    c->options.bad_words = c->bad_words;
    for (const Json *item = lists->first; item; item = item->next)
        c->bad_words[c->options.n_bad_words++] = read_ids(&c->arena, item, "bad_words_ids");
}

static void read_option(Case *c, const Json *value)
{
    Options *o = &c->options;
    const struct {
        const char *key;
        int *integer;
        double *real;
    } known[] = {{"temperature", NULL, &o->temperature},
                 {"top_k", &o->top_k, NULL},
                 {"top_p", NULL, &o->top_p},
                 {"min_p", NULL, &o->min_p},
                 {"repetition_penalty", NULL, &o->repetition_penalty},
                 {"no_repeat_ngram_size", &o->no_repeat_ngram_size, NULL},
                 {"min_new_tokens", &o->min_new_tokens, NULL},
                 {"prompt_length", &c->sequence.n_prompt, NULL},
                 {"eos_token_id", &c->end, NULL}};
    if (!strcmp(value->key, "bad_words_ids")) {
        read_bad_words(c, value);
        return;
    }
    size_t i = 0, n = sizeof known / sizeof *known;
    while (i < n && strcmp(known[i].key, value->key)) i++;
    CHECK(i < n && (known[i].real ? json_double(value, known[i].real) : json_int(value, known[i].integer)),
          "option %s", value->key);
}

// Reads one case and runs it. Returns the largest difference from the expected probabilities.
static double run_case(const Json *one, int *n_compared)
{
    Case c = {.options = all_off(), .end = EOS};
    c.special = (TokenIds){.bos = -1, .eos = {&c.end, 1}};
    const Json *logits = json_get(one, "logits"), *expected = json_get(one, "probabilities");
    const Ids ids = read_ids(&c.arena, json_get(one, "ids"), "ids");
    const char *name = json_get(one, "name")->text;
    float *scores = arena_floats(&c.arena, logits->count, 1);
    double number, largest = 0;
    int v = 0;
    for (const Json *item = logits->first; item; item = item->next, v++) {
        CHECK(json_double(item, &number), "%s: logit %d", name, v);
        scores[v] = (float)number;
    }
    c.options.vocab = v;
    c.options.special = &c.special;
    c.options.temperature = 1;
    c.sequence = after(ids, 1, 99);
    for (const Json *option = json_get(one, "options")->first; option; option = option->next)
        read_option(&c, option);

    apply_processors(scores, &c.options, &c.sequence, &c.arena);
    sampling_probabilities(scores, &c.options, &c.arena);
    CHECK(expected->count == v, "%s: %d logits, %d probabilities", name, v, expected->count);
    v = 0;
    for (const Json *item = expected->first; item; item = item->next, v++, ++*n_compared) {
        CHECK(json_double(item, &number), "%s: probability %d", name, v);
        const double difference = fabs((double)scores[v] - number);
        CHECK(difference <= 1e-6, "%s: probability of %d: expected %.9g, got %.9g", name, v, number,
              (double)scores[v]);
        CHECK((scores[v] > 0) == (number > 0), "%s: token %d can be drawn here or there only", name, v);
        largest = fmax(largest, difference);
    }
    arena_free(&c.arena);
    return largest;
}

static void equal_hugging_face(void)
{
    Arena arena = {0};
    Error error = {0};
    double largest = 0;
    int n_cases = 0, n_compared = 0;
    const Json *cases = json_get(json_read(&arena, "tests/reference/sampling.json", &error), "cases");
    CHECK(cases, "%s", error.message);
    for (const Json *one = cases ? cases->first : NULL; one; one = one->next, n_cases++)
        largest = fmax(largest, run_case(one, &n_compared));
    CHECK(n_cases == 36, "%d cases", n_cases);
    printf("%d cases, %d probabilities, largest difference %.1e\n", n_cases, n_compared, largest);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"scores stay as they are when no rule is asked for", nothing_asked},
        {"the repetition penalty acts once per token, by the sign of its score", repetition},
        {"n-grams are not repeated, whatever n", ngrams},
        {"bad words are banned at their last token", bad_words},
        {"a pad logit of 0 wins unless it is banned", pad_wins},
        {"no end token before the minimum length", minimum_length},
        {"the last token is the forced end, with score 0", forced_end},
        {"the first token is the forced beginning", forced_beginning},
        {"tokens are suppressed everywhere, or only at the beginning", suppressed},
        {"a step without a possible token ends the sequence and says why", no_token_possible},
        {"ids outside of the vocabulary are banned without effect", outside_the_vocabulary},
        {"random numbers depend on seed, text and number of the sample alone", random_numbers},
        {"processed and sampled probabilities equal Hugging Face's", equal_hugging_face},
    };
    return RUN_TESTS(tests);
}
