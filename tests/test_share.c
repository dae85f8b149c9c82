// SPDX-License-Identifier: MIT
// Texts that begin alike compute their beginning once, and give what they give alone.
#include "batches.h"
#include "sequences.h"
#include "tensor/loops.h"

// A text: the first letters of one long text, and then letters of its own. As many as a small model has
// positions for are left; a trained one shares blocks, too.
typedef struct {
    int common, own, which; // which: of the texts with letters of their own; common and own 0: all
} Made;

static int longest(const TestModel *t) { return smaller(all_positions(t, 48), 48) - 9; }

static Input text(TestModel *t, Made made)
{
    const int all = longest(t), n = made.common + made.own ? made.common + made.own : all;
    Input input = made_up_input(t, all, 0), own = made_up_input(t, all, made.which + 1);
    const bool encodes = input.n_source > 0;
    const int *const from[] = {encodes ? input.source : input.prompt, encodes ? own.source : own.prompt};
    int *ids = arena_alloc(&t->arena, all, sizeof *ids);
    for (int i = 0; i < n; i++) ids[i] = from[made.common + made.own && i >= made.common][i];
    if (encodes) input.source = ids, input.n_source = n;
    else input.prompt = ids, input.n_prompt = n;
    return input;
}

enum { N_TEXTS = 14 };
static void make_texts(Run *r, TestModel *t)
{
    static const Made texts[N_TEXTS] = {
        {0},       {0},       {3, 0, 0}, {3, 2, 0}, {3, 3, 0}, {0, 2, 1}, {0}, // equal, a beginning, nested,
        {0, 1, 1}, {6, 1, 0}, {3, 2, 0}, {1, 5, 1}, {1, 0, 0}, {0},       {5, 0, 0}, // again, and one letter
    };
    for (int i = 0; i < r->n_requests; i++) {
        const Input input = text(t, texts[i % N_TEXTS]);
        run_request(r, i, input, input.n_prompt + 1 + i * 5 % 9);
    }
}

// Batches of some sizes, greedy and sampled, with and without a draft or layers of input rows: as stage 03.
static void same_texts(TestModel *t)
{
    static const int sizes[] = {1, 2, 5, 14};
    State s = state_new(&t->model, 1);
    s.pool.poison = true;
    for (int how = 0; how < 8; how++) {
        Run r;
        Draft draft;
        Sequence expected[MAX_REQUESTS];
        run_prepare(&r, t, 2 * N_TEXTS);
        r.options.temperature = how % 2 ? 1.2 : 0;
        make_texts(&r, t);
        for (int i = 0; i < r.n_requests; i++) expected[i] = run_uncached(&r, &s, i);
        r.shares = true;
        r.rows = how / 4;
        const int size = sizes[how / 2];
        if (how / 2 % 2) draft_open(r.draft = &draft, &t->model, 3, size);
        make_texts(&r, t);
        run_batches(&r, &s, size);
        for (int i = 0; i < r.n_requests; i++)
            CHECK(same_ids(&r.requests[i].sequence, &expected[i]), "%s: at most %d: text %d differs", t->name,
                  size, i);
        CHECK(r.shared.n_rows + r.shared.n_source_rows > 0, "%s: nothing is shared", t->name);
        if (r.draft) draft_close(&draft);
    }
    state_free(&s);
}

// ---- counts -----------------------------------------------------------------------------------------------

typedef struct {
    int rows, shared, shared_source, n_steps;
} Counts;

// Texts with one new token each: rows computed, rows taken over, steps that each text waited.
static void count(TestModel *t, const Made *texts, int n, int max_requests, Counts expected, const int *waits)
{
    Run r;
    State s = state_new(&t->model, 1);
    run_prepare(&r, t, n);
    r.shares = true;
    for (int i = 0; i < n; i++) {
        const Input input = text(t, texts[i]);
        run_request(&r, i, input, input.n_prompt + 1);
    }
    run_batches(&r, &s, max_requests);
    const Counts found = {(int)s.decoder_rows, (int)r.shared.n_rows, (int)r.shared.n_source_rows, r.n_steps};
    CHECK(!memcmp(&found, &expected, sizeof found),
          "%s, at most %d: %d rows, %d shared, %d of sources, %d steps, expected %d, %d, %d, %d", t->name,
          max_requests, found.rows, found.shared, found.shared_source, found.n_steps, expected.rows,
          expected.shared, expected.shared_source, expected.n_steps);
    for (int i = 0; i < n; i++)
        CHECK(r.n_waits[i] == waits[i], "%s, at most %d: text %d waits %d steps, expected %d", t->name,
              max_requests, i, r.n_waits[i], waits[i]);
    state_free(&s);
}

// abcdef, again, abc, abcxy, abcxyz, pq: 6 + 6 + 3 + 5 + 6 + 2 rows without sharing. Together, the first and
// pq are computed; in the next step there are abcde for the second, ab for abc, abc for abcxy; abcxyz waits
// once more, for abcxy. With an encoder there is one row of the decoder for each, and two sources are equal.
static void counted(TestModel *t)
{
    static const Made texts[] = {{6, 0, 0}, {6, 0, 0}, {3, 0, 0}, {3, 2, 0}, {3, 3, 0}, {0, 2, 1}};
    if (t->model.config.has_encoder) {
        count(t, texts, 6, 6, (Counts){6, 0, 6, 2}, (int[]){0, 1, 0, 0, 0, 0});
        count(t, texts, 6, 1, (Counts){6, 0, 6, 6}, (int[6]){0});
    } else {
        count(t, texts, 6, 6, (Counts){28 - 15, 5 + 2 + 3 + 5, 0, 3}, (int[]){0, 1, 1, 1, 2, 0});
        // One at a time: each has only the one before: abcde, ab, abc, abcxy, nothing.
        count(t, texts, 6, 1, (Counts){28 - 15, 15, 0, 6}, (int[6]){0});
    }
}

// As many finished texts are remembered as a batch has places. abcdef, pq, abcdef, uvw, pq, abcdef:
// one place   each has only the one before, which is another
// two         abcdef and uvw remember abcdef and pq; then pq and abcdef abcdef and uvw
// three       the second abcdef waits for the first, and goes on with uvw and pq, which remembers the first;
//             the third remembers the second
static void remembered(TestModel *t)
{
    static const Made texts[] = {{6, 0, 0}, {0, 2, 1}, {6, 0, 0}, {0, 3, 2}, {0, 2, 1}, {6, 0, 0}};
    static const struct {
        int abcdef, pq, n_steps, waits[6]; // how often they are taken over
    } cases[] = {{0, 0, 6, {0}}, {2, 0, 3, {0}}, {2, 1, 3, {0, 0, 1, 0, 0, 0}}};
    const bool encodes = t->model.config.has_encoder;
    const int n_rows = encodes ? 6 : 6 + 2 + 6 + 3 + 2 + 6;
    for (int i = 0; i < 3; i++) {
        const int shared = encodes ? 0 : 5 * cases[i].abcdef + cases[i].pq;
        const int of_sources = encodes ? 6 * cases[i].abcdef + 2 * cases[i].pq : 0;
        count(t, texts, 6, i + 1, (Counts){n_rows - shared, shared, of_sources, cases[i].n_steps},
              cases[i].waits);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"texts that share beginnings are what they are alone", ON_MODEL(same_texts)},
        {"a common beginning is computed once, and waited for", ON_MODEL(counted)},
        {"as many finished texts are remembered as a batch has places", ON_MODEL(remembered)},
    };
    return RUN_TESTS_EACH(tests, models_each);
}
