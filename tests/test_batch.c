// SPDX-License-Identifier: MIT
// The loops of stage 04: one text alone, and several that end at different steps, take each other's slots,
// and give the same tokens as alone.
#include "batches.h"
#include "kvgreedy.h"
#include "sequences.h"

static void run(Run *r, State *s, int max_requests)
{
    for (int i = 0; i < r->n_requests; i++) run_request_made_up(r, i);
    run_batches(r, s, max_requests);
}

static void count_token(void *user, const Sequence *q)
{
    int *n = user;
    (void)q;
    ++*n;
}

// The loop of stage 04 for one text gives the tokens of stage 03, and computes one row for each position.
static void one_text(TestModel *t)
{
    Run r;
    run_prepare(&r, t, 12);
    State s = state_new(&t->model, 1);
    s.pool.poison = true;
    KVCache cache = kvcache_new(&s, &t->model, 3, 0);
    for (int i = 0; i < r.n_requests; i++) {
        run_request_made_up(&r, i);
        const Sequence expected = run_uncached(&r, &s, i);
        Sequence q = r.requests[i].sequence;
        const uint64_t rows = s.decoder_rows;
        const int slot = i % 3;
        kvcache_read_source(&s, &t->model, &cache, slot, &r.requests[i].input);
        int n_shown = 0;
        kvcache_greedy(&s, &t->model, &q, &cache, slot, count_token, &n_shown);
        char found[MAX_IDS_TEXT], without[MAX_IDS_TEXT];
        ids_text(found, q.ids + q.n_prompt, q.n - q.n_prompt);
        ids_text(without, expected.ids + q.n_prompt, expected.n - q.n_prompt);
        CHECK(same_ids(&q, &expected), "%s: text %d: with a cache %s, without %s", t->name, i, found,
              without);
        CHECK(n_shown == q.n - q.n_prompt, "%s: text %d: on_token was called for %d tokens of %d", t->name, i,
              n_shown, q.n - q.n_prompt);
        CHECK(s.decoder_rows - rows == (uint64_t)q.n - 1, "%s: text %d: %d rows computed for %d positions",
              t->name, i, (int)(s.decoder_rows - rows), q.n - 1);
        CHECK(kvcache_length(&cache, slot) == q.n - 1, "%s: text %d: the cache holds %d of %d positions",
              t->name, i, kvcache_length(&cache, slot), q.n - 1);
        kvcache_reset(&cache, slot);
    }
    kvcache_free(&cache);
    state_free(&s);
}

// [KV-41, 48, 70, 71, 73] Every batch size from 1 to 17 gives the tokens of stage 03; NaN in free blocks.
static void every_size(TestModel *t)
{
    Run r;
    run_prepare(&r, t, MAX_REQUESTS);
    Sequence expected[MAX_REQUESTS];
    State s = state_new(&t->model, 1);
    for (int i = 0; i < MAX_REQUESTS; i++) {
        run_request_made_up(&r, i);
        expected[i] = run_uncached(&r, &s, i);
    }
    s.pool.poison = true;
    for (int max_requests = 1; max_requests <= 17; max_requests++) {
        run(&r, &s, max_requests);
        for (int i = 0; i < MAX_REQUESTS; i++) {
            const Sequence *q = &r.requests[i].sequence;
            CHECK(same_ids(q, &expected[i]), "%s: at most %d: text %d differs", t->name, max_requests, i);
            for (int k = q->n_prompt; k < q->n - 1; k++)
                CHECK(!is_end(&t->model.ids, q->ids[k]), "a token follows the end token");
        }
    }
    state_free(&s);
}

// [KV-21] A text of P prompt tokens and n new ones costs P + n - 1 rows, whatever else is in the batch.
static void rows(TestModel *t)
{
    Run r;
    run_prepare(&r, t, 25);
    State s = state_new(&t->model, 1);
    run(&r, &s, 4);
    uint64_t expected = 0;
    for (int i = 0; i < r.n_requests; i++) expected += r.requests[i].sequence.n - 1;
    CHECK(s.decoder_rows == expected, "%s: %llu rows, expected %llu", t->name,
          (unsigned long long)s.decoder_rows, (unsigned long long)expected);
    state_free(&s);
}

// [KV-81] A sample depends only on the seed and on its number.
static void samples(TestModel *t)
{
    Run a, b;
    run_prepare(&a, t, 20);
    run_prepare(&b, t, 20);
    a.options.temperature = b.options.temperature = 1.2;
    a.options.top_p = b.options.top_p = 0.95;
    a.options.seed = b.options.seed = 5;
    State s = state_new(&t->model, 1);
    run(&a, &s, 1);
    run(&b, &s, 7);
    for (int i = 0; i < 20; i++)
        CHECK(same_ids(&a.requests[i].sequence, &b.requests[i].sequence), "%s: sample %d differs", t->name,
              i);
    state_free(&s);
}

// [KV-02, 27] All positions of the model can be used; then the text ends and the reason is known.
static void out_of_positions(TestModel *t)
{
    const int limit = t->model.config.max_positions;
    if (!limit) return;
    Run r;
    run_prepare(&r, t, 1);
    r.options.min_new_tokens = 10000;
    for (int more = 0; more < 2; more++) { // as many tokens as there can be; one more
        State s = state_new(&t->model, 1);
        run_request(&r, 0, made_up_input(t, 3, 0), limit + 1 + more);
        run_batches(&r, &s, 1);
        const Sequence *q = &r.requests[0].sequence;
        CHECK(q->n == limit + 1 && q->problem == (more == 1 ? OUT_OF_POSITIONS : NO_PROBLEM), "%s: %d ids",
              t->name, q->n);
        state_free(&s);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"greedy decoding with a cache gives the tokens of stage 03", ON_MODEL(one_text)},
        {"batches of every size give the tokens of stage 03", ON_MODEL(every_size)},
        {"each row is computed once whatever the batch", ON_MODEL(rows)},
        {"a sample depends on its seed and number only", ON_MODEL(samples)},
        {"a text can use all positions of the model and not one more", ON_MODEL(out_of_positions)},
    };
    return RUN_TESTS_EACH(tests, models_each);
}
