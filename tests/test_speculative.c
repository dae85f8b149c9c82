// SPDX-License-Identifier: MIT
// Guessing ahead changes how many passes a text takes, and nothing else: every draft, right or wrong, gives
// the sequence of kvcache_greedy(), under all rules, and leaves its cache behind.
#include "batches.h"
#include "kvgreedy.h"
#include "sequences.h"
#include "tensor/loops.h"
#include <math.h>

enum { SLOT = 1, N_SLOTS = 2, SHORT_POSITIONS = 9, NEVER = 100000 };
static const int draft_tokens[] = {1, 2, 4, 8};
enum { N_DRAFT_TOKENS = sizeof draft_tokens / sizeof *draft_tokens };

// ---- texts ------------------------------------------------------------------------------------------------

typedef struct {
    const char *name;
    double temperature, penalty; // 0: as the model has it; likewise below
    int ngram, min_new;
    bool forced_end, early_end; // at the limit; the fourth token of the output
    bool all_positions;         // text 0: no other limit (and a long prompt, so that few are left)
} Setting;

static const Setting settings[] = {
    {.name = "greedy"},
    {"sampled", .temperature = 1.2},
    {"repetition penalty", .penalty = 1.3},
    {"no pair twice", .ngram = 2, .min_new = 9},
    {"sampled, no pair twice", .temperature = 1.5, .ngram = 2, .penalty = 1.2, .min_new = 5},
    {"no token twice, until none is left", .ngram = 1, .min_new = NEVER},
    {"an end that is forced", .forced_end = true, .min_new = 4},
    {"an end that was guessed", .early_end = true},
    {"to the last position", .min_new = NEVER, .all_positions = true},
};
enum { N_SETTINGS = sizeof settings / sizeof *settings };

// A text, and how kvcache_greedy() goes on with it.
typedef struct {
    TestModel *t;
    const Setting *setting;
    Options options;
    TokenIds special;
    int end; // the id of special, or of a forced end
    Input input;
    int max_length;
    Sequence expected;
    float *next; // logits of one more row; NULL: there is no position for it
} Text;

static void set(Text *x, const Setting *setting)
{
    Error error = {0};
    Options asked = options_unset(), *o = &x->options;
    asked.temperature = setting->temperature ? setting->temperature : asked.temperature;
    asked.repetition_penalty = setting->penalty ? setting->penalty : asked.repetition_penalty;
    asked.no_repeat_ngram_size = setting->ngram ? setting->ngram : asked.no_repeat_ngram_size;
    asked.min_new_tokens = setting->min_new ? setting->min_new : asked.min_new_tokens;
    CHECK(options_resolve(o, &x->t->model, &asked, false, &error), "%s", error.message);
    o->seed = 7;
    if (setting->forced_end) o->forced_eos = (Ids){.ids = &x->end, .n = 1};
}

static void decode_plainly(Text *x, State *s)
{
    const Model *m = &x->t->model;
    KVCache cache = kvcache_new(s, m, N_SLOTS, 0);
    x->expected = sequence_new(&x->t->arena, &x->options, &x->input, x->max_length, 0);
    kvcache_read_source(s, m, &cache, SLOT, &x->input);
    kvcache_greedy(s, m, &x->expected, &cache, SLOT, ignore_token, NULL);
    kvcache_truncate(&cache, SLOT, x->expected.n - 1); // without a last token, the row before it is held
    x->next = NULL;
    if (kvcache_length(&cache, SLOT) < cache.limit) {
        Row row;
        kvcache_rows(&cache, &row, SLOT, &x->expected.ids[x->expected.n - 1], 1, 1);
        x->next = arena_floats(&x->t->arena, 1, m->config.vocab);
        memcpy(x->next, kvcache_forward(s, m, &cache, &row, 1), m->config.vocab * sizeof(float));
    }
    kvcache_free(&cache);
}

// Text number `which` under a setting.
static void text_begin(Text *x, TestModel *t, State *s, const Setting *setting, int which)
{
    const int positions = all_positions(t, 24), P = 2 + 10 * which;
    const bool all = setting->all_positions && !which;
    *x = (Text){.t = t, .setting = setting, .special = t->model.ids, .end = 1};
    set(x, setting);
    x->input = made_up_input(t, all && !t->model.config.has_encoder ? positions : P, which);
    x->max_length = all ? positions + 2 : x->input.n_prompt + 12;
    decode_plainly(x, s);
    if (!setting->early_end) return;
    x->end = x->expected.ids[smaller(x->input.n_prompt + 3, x->expected.n - 1)];
    x->special.eos = (Ids){.ids = &x->end, .n = 1};
    x->options.special = &x->special;
    decode_plainly(x, s);
}

// ---- drafts -----------------------------------------------------------------------------------------------

typedef enum {
    ITSELF,     // the model
    ANOTHER,    // a random one
    SHORT,      // a random one with fewer positions
    WRONG,      // not a model: always wrong, ...
    RIGHT,      // ... always right, ...
    BY_TURNS,   // ... right, wrong, right, wrong, ...
    BEYOND_END, // ... always right, and guesses go on behind the end
    NOTHING,
    N_KINDS
} Kind;
static const char *const kind_names[] = {"the model itself", "another model",  "few positions",
                                         "always wrong",     "always right",   "right by turns",
                                         "beyond the end",   "no guess at all"};

typedef struct {
    Draft draft; // first: what guess() is given
    Kind kind;
    Model other;
    bool is_other;
    const Text *text;                                          // what it knows
    void (*inner)(Draft *draft, Guess *const *guesses, int n); // what is watched
    Arena memory;
} TestDraft;

static void guess_knowing(Draft *draft, Guess *const *guesses, int n)
{
    const TestDraft *d = (TestDraft *)draft;
    const Sequence *expected = &d->text->expected;
    const int V = d->text->options.vocab;
    for (int i = 0; i < n; i++) {
        Guess *g = guesses[i];
        const int end =
            d->kind == BEYOND_END ? within_positions(&d->text->options, d->text->max_length) : expected->n;
        const int first = g->text->n;
        g->n = d->kind == NOTHING ? 0 : smaller(draft->n_tokens, end - 1 - first);
        if (g->n < 0) g->n = 0; // the last row has no token
        memcpy(g->ahead.ids, g->text->ids, first * sizeof(int));
        for (int k = 0; k < g->n; k++) {
            const int token = first + k < expected->n ? expected->ids[first + k] : k;
            const bool right = d->kind != WRONG && (d->kind != BY_TURNS || k % 2 == 0);
            g->ahead.ids[first + k] = right ? token : (token + 1) % V;
        }
    }
}

static void draft_begin(TestDraft *d, TestModel *t, Kind kind, int n_tokens, int n_slots)
{
    const Config *c = &t->model.config;
    *d = (TestDraft){.kind = kind, .is_other = kind == ANOTHER || kind == SHORT};
    if (d->is_other)
        random_model_load(&d->other,
                          &(RandomModel){.architecture = c->has_encoder ? "MarianMTModel" : "GPT2LMHeadModel",
                                         .vocab = c->vocab,
                                         .source_vocab = c->source_vocab == c->vocab ? 0 : c->source_vocab,
                                         .max_positions = kind == SHORT ? SHORT_POSITIONS : 64,
                                         .seed = 3});
    draft_open(&d->draft, d->is_other ? &d->other : &t->model, n_tokens, n_slots);
    d->draft.state.pool.poison = true;
    if (kind >= WRONG) d->draft.guess = guess_knowing;
}

static void draft_end(TestDraft *d)
{
    for (int slot = 0; slot < d->draft.cache.n_slots; slot++) kvcache_reset(&d->draft.cache, slot);
    CHECK(d->draft.state.pool.blocks_live == 0, "%s: %zu blocks are still held", kind_names[d->kind],
          d->draft.state.pool.blocks_live);
    draft_close(&d->draft);
    if (d->is_other) model_free(&d->other);
    arena_free(&d->memory);
}

// ---- one text ---------------------------------------------------------------------------------------------

static void count_token(void *user, const Sequence *q)
{
    int *n = user;
    (void)q;
    ++*n;
}

// The text with a draft: everything is as without. Returns the rows that were computed.
static int decode(const Text *x, TestDraft *d, State *s, KVCache *cache)
{
    const Model *m = &x->t->model;
    const Sequence *expected = &x->expected;
    Sequence q = sequence_new(&x->t->arena, &x->options, &x->input, x->max_length, 0);
    const uint64_t rows = s->decoder_rows;
    int n_shown = 0;
    d->text = x;
    d->draft.n_passes = d->draft.n_guessed = d->draft.n_taken = 0;
    kvcache_read_source(s, m, cache, SLOT, &x->input);
    speculative_greedy(s, m, &q, &x->input, cache, SLOT, &d->draft, count_token, &n_shown);
    const int n_rows = (int)(s->decoder_rows - rows);

    char found[MAX_IDS_TEXT], without[MAX_IDS_TEXT], name[200];
    snprintf(name, sizeof name, "%s: %s: %d guesses, %s", x->t->name, x->setting->name, d->draft.n_tokens,
             kind_names[d->kind]);
    ids_text(found, q.ids + q.n_prompt, q.n - q.n_prompt);
    ids_text(without, expected->ids + q.n_prompt, expected->n - q.n_prompt);
    CHECK(same_ids(&q, expected), "%s: %s, without a draft %s", name, found, without);
    CHECK(q.ended == expected->ended && q.problem == expected->problem, "%s: problem %d, expected %d", name,
          q.problem, expected->problem);
    const int n_steps = q.n - q.n_prompt + (q.problem > OUT_OF_POSITIONS);
    CHECK(n_shown == n_steps, "%s: on_token was called %d times in %d steps", name, n_shown, n_steps);
    CHECK(kvcache_length(cache, SLOT) == q.n - 1, "%s: the cache holds %d of %d positions", name,
          kvcache_length(cache, SLOT), q.n - 1);
    if (x->next) { // the cache holds the rows of this text
        Row row;
        kvcache_rows(cache, &row, SLOT, &q.ids[q.n - 1], 1, 1);
        const float *next = kvcache_forward(s, m, cache, &row, 1);
        if (isfinite(*x->next)) CHECK_BITS(next, x->next, m->config.vocab, name);
    }
    kvcache_reset(cache, SLOT);
    kvcache_reset(&d->draft.cache, SLOT);
    CHECK(s->pool.blocks_live == 0, "%s: %zu blocks are still held", name, s->pool.blocks_live);
    return n_rows;
}

// Texts with drafts of every kind. Each kind makes every number of guesses for some texts.
static void decode_with_all(const Text *texts, int n_texts, TestModel *t, State *s)
{
    KVCache cache = kvcache_new(s, &t->model, N_SLOTS, 0);
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        TestDraft d;
        draft_begin(&d, t, kind, 1, N_SLOTS);
        for (int i = 0; i < n_texts; i++) {
            const Text *x = &texts[i];
            d.draft.n_tokens = draft_tokens[(i + kind) % N_DRAFT_TOKENS];
            decode(x, &d, s, &cache);
            if (kind == SHORT && x->input.n_source + x->input.n_prompt > SHORT_POSITIONS + 1)
                CHECK(d.draft.n_guessed == 0, "%s: %d guesses behind the positions of the draft", t->name,
                      (int)d.draft.n_guessed);
        }
        draft_end(&d);
    }
    kvcache_free(&cache);
}

static void any_draft(TestModel *t)
{
    State s = state_new(&t->model, 1);
    s.pool.poison = true;
    Text texts[2 * N_SETTINGS];
    for (int i = 0; i < 2 * N_SETTINGS; i++) text_begin(&texts[i], t, &s, &settings[i / 2], i % 2);
    decode_with_all(texts, 2 * N_SETTINGS, t, &s);
    state_free(&s);
}

// The two ways in which a text ends without another token; and the end of all positions.
static void problems(TestModel *t)
{
    State s = state_new(&t->model, 1);
    s.pool.poison = true;
    const Setting unending = {.name = "without end", .min_new = NEVER},
                  none_left = {.name = "until none is left", .min_new = NEVER, .ngram = 1};
    const int V = t->model.config.vocab, max = t->model.config.max_positions;
    Text x;
    if (!max && V < 24) {
        text_begin(&x, t, &s, &none_left, 0);
        x.max_length = 2 * V;
        decode_plainly(&x, &s);
        CHECK(x.expected.problem == ALL_BANNED, "%s: problem %d", t->name, x.expected.problem);
        decode_with_all(&x, 1, t, &s);
    }
    float *positions = (float *)t->model.weights.decoder.positions;
    if (max && positions) {
        const Setting to_the_end = {.name = "all positions", .min_new = NEVER, .all_positions = true};
        text_begin(&x, t, &s, &to_the_end, 0);
        CHECK(x.expected.problem == OUT_OF_POSITIONS, "%s: problem %d", t->name, x.expected.problem);
        text_begin(&x, t, &s, &unending, 0);
        const int at = x.input.n_source + x.input.n_prompt + 2; // (in all models, the source ends before it)
        positions[(size_t)at * t->model.config.d_model] = NAN;
        decode_plainly(&x, &s);
        CHECK(x.expected.problem == NOT_FINITE && x.expected.n == at + 1, "%s: problem %d", t->name,
              x.expected.problem);
        decode_with_all(&x, 1, t, &s);
    }
    state_free(&s);
}

// Of n new tokens, passes + taken guesses = n; and what was guessed in vain was computed in vain.
static void counts(TestModel *t)
{
    State s = state_new(&t->model, 1);
    KVCache cache = kvcache_new(&s, &t->model, N_SLOTS, 0);
    const Setting unending = {.name = "without end", .min_new = NEVER};
    Text x;
    text_begin(&x, t, &s, &unending, 0);
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        TestDraft d;
        draft_begin(&d, t, kind, 1, N_SLOTS);
        for (int k = 0; k < N_DRAFT_TOKENS && kind != BEYOND_END; k += 2) {
            const int K = d.draft.n_tokens = draft_tokens[k];
            const int n = x.expected.n - x.input.n_prompt, n_rows = decode(&x, &d, &s, &cache),
                      passes = (int)d.draft.n_passes, guessed = (int)d.draft.n_guessed,
                      taken = (int)d.draft.n_taken;
            CHECK(passes + taken == n, "%s: %d passes and %d guesses for %d tokens", t->name, passes, taken,
                  n);
            CHECK(n_rows == x.expected.n - 1 + guessed - taken, "%s: %d rows, %d of %d guesses taken",
                  t->name, n_rows, taken, guessed);
            const int per_pass = kind == ITSELF || kind == RIGHT    ? 1 + K
                                 : kind == BY_TURNS                 ? 2
                                 : kind == WRONG || kind == NOTHING ? 1
                                                                    : 0;
            if (per_pass)
                CHECK(passes == ceil_div(n, per_pass), "%s: %s: %d passes for %d tokens, %d guesses", t->name,
                      kind_names[kind], passes, n, K);
            if (kind == ITSELF || kind == RIGHT)
                CHECK(taken == guessed, "%s: %d of %d right guesses taken", t->name, taken, guessed);
        }
        draft_end(&d);
    }
    kvcache_free(&cache);
    state_free(&s);
}

// ---- what the draft does ----------------------------------------------------------------------------------

// What the draft's model writes after a text, without a cache; returns how much of it is a guess.
static int guess_uncached(TestDraft *d, const Guess *g, Sequence *q)
{
    const Model *m = d->draft.model;
    const int max = m->config.max_positions, most = max ? max : NEVER;
    *q = *g->text;
    q->ids = arena_alloc(&d->memory, q->n + d->draft.n_tokens, sizeof(int));
    memcpy(q->ids, g->text->ids, q->n * sizeof *q->ids);
    if (g->input.n_source > most) return 0;
    State s = state_new(m, 1);
    const Encoded source = encode_input(&s, m, &d->memory, &g->input);
    for (int k = 0; k < d->draft.n_tokens && !q->ended && q->n <= most; k++) {
        Row *rows = arena_alloc(&d->memory, q->n, sizeof *rows);
        rows_of_text(rows, q->ids, q->n, 1);
        if (m->config.has_encoder) rows[0].token = m->ids.start;
        sequence_advance(q, decoder_forward(&s, m, rows, q->n, &source), &s.scratch);
    }
    state_free(&s);
    const int n = q->n - g->text->n;
    return q->ended && n ? n - 1 : n;
}

static void guess_watched(Draft *draft, Guess *const *guesses, int n)
{
    TestDraft *d = (TestDraft *)draft;
    d->inner(draft, guesses, n);
    for (int i = 0; i < n; i++) {
        const Guess *g = guesses[i];
        Sequence q;
        const int expected = guess_uncached(d, g, &q);
        char found[MAX_IDS_TEXT], without[MAX_IDS_TEXT];
        ids_text(found, g->ahead.ids + g->text->n, g->n);
        ids_text(without, q.ids + g->text->n, expected);
        CHECK(!strcmp(found, without), "%s: text of %d: guesses \"%s\", without a cache \"%s\"",
              kind_names[d->kind], g->text->n, found, without);
    }
}

static void watch(TestDraft *d)
{
    d->inner = d->draft.guess;
    d->draft.guess = guess_watched;
}

static void guesses_alone(TestModel *t)
{
    State s = state_new(&t->model, 1);
    KVCache cache = kvcache_new(&s, &t->model, N_SLOTS, 0);
    for (Kind kind = ANOTHER; kind <= SHORT; kind++)
        for (int i = 0; i < N_SETTINGS; i++) {
            Text x;
            TestDraft d;
            text_begin(&x, t, &s, &settings[i], i % 2);
            draft_begin(&d, t, kind, 4, N_SLOTS);
            watch(&d);
            decode(&x, &d, &s, &cache);
            draft_end(&d);
        }
    kvcache_free(&cache);
    state_free(&s);
}

// ---- batches ----------------------------------------------------------------------------------------------

// Texts of different lengths, each of which takes its own number of tokens per step.
static void batches(TestModel *t)
{
    static const int sizes[] = {1, 3, 16}; // the middle one is watched
    for (int sampled = 0; sampled < 2; sampled++) {
        Run r;
        Sequence expected[MAX_REQUESTS];
        run_prepare(&r, t, 17);
        r.options.temperature = sampled ? 1.2 : 0;
        State s = state_new(&t->model, 1);
        s.pool.poison = true;
        for (int i = 0; i < r.n_requests; i++) {
            run_request_made_up(&r, i);
            expected[i] = run_uncached(&r, &s, i);
        }
        for (Kind kind = ITSELF; kind <= SHORT; kind++)
            for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
                TestDraft d;
                draft_begin(&d, t, kind, 3, sizes[size]);
                if (size == 1) watch(&d);
                r.draft = &d.draft;
                for (int i = 0; i < r.n_requests; i++) run_request_made_up(&r, i);
                run_batches(&r, &s, sizes[size]);
                for (int i = 0; i < r.n_requests; i++)
                    CHECK(same_ids(&r.requests[i].sequence, &expected[i]),
                          "%s: %s, at most %d: text %d differs", t->name, kind_names[kind], sizes[size], i);
                draft_end(&d);
            }
        state_free(&s);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"with any draft a text is what it is without", ON_MODEL(any_draft)},
        {"with any draft a text ends for the same reason", ON_MODEL(problems)},
        {"right guesses save passes and wrong ones cost rows", ON_MODEL(counts)},
        {"a draft guesses what it writes without a cache", ON_MODEL(guesses_alone)},
        {"ragged batches with a draft give the tokens of stage 03", ON_MODEL(batches)},
    };
    return RUN_TESTS_EACH(tests, models_each);
}
