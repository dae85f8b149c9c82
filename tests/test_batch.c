// SPDX-License-Identifier: MIT
// The driver of stage 04: texts that end at different steps, take each other's places, and come out as if alone.
#include "models.h"
#include "single.h"

enum { MOST = 40 };

typedef struct {
    TestModel *t;
    Options options;
    SingleSearch *single[MOST];
    Job jobs[MOST];
    int n_jobs, n_started, n_finished;
    int steps_of[MOST];
} Run;

static Job *next_job(void *user)
{
    Run *r = user;
    return r->n_started < r->n_jobs ? &r->jobs[r->n_started++] : NULL;
}

static void stepped(void *user, Job *job)
{
    Run *r = user;
    const Sequence *q = &r->single[job - r->jobs]->sequence;
    r->steps_of[job - r->jobs]++;
    CHECK(q->n - q->n_prompt == r->steps_of[job - r->jobs], "a step gives one token");
}

static void finished(void *user, Job *job)
{
    Run *r = user;
    (void)job;
    r->n_finished++;
}

static void prepare(Run *r, TestModel *t, int n_jobs)
{
    Error error = {0};
    const Options asked = options_unset();
    *r = (Run){.t = t, .n_jobs = n_jobs};
    CHECK(options_resolve(&r->options, &t->model, &asked, false, &error), "%s", error.message);
}

// Made-up texts of different lengths; job i may produce i % 9 + 1 tokens, or until its end token.
static void run(Run *r, State *s, int n_places)
{
    for (int i = 0; i < r->n_jobs; i++) {
        const Input input = made_up_input(r->t, 1 + i * 5 % 12, i);
        r->single[i] =
            single_search(&r->t->arena, &r->t->model, &r->options, &input, input.n_prompt + i % 9 + 1, i);
        r->jobs[i] = (Job){.input = input, .search = &r->single[i]->search};
        r->steps_of[i] = 0;
    }
    r->n_started = r->n_finished = 0;
    KVCache c = kvcache_new(s, &r->t->model, n_places, 64);
    const BatchUser user = {next_job, stepped, finished, r};
    batch_run(s, &r->t->model, &c, 1, &user);
    CHECK(r->n_finished == r->n_jobs, "%d of %d texts finished", r->n_finished, r->n_jobs);
    CHECK(s->pool.blocks_live == 0, "%zu blocks are still held after the last text", s->pool.blocks_live);
    kvcache_free(&c);
}

static void nothing(void *user, const Sequence *sequence) { (void)user, (void)sequence; }

// [KV-41, 48, 70, 71, 73] Every batch size from 1 to 17, with poison in unused blocks: the tokens of stage 03.
static void every_size(TestModel *t)
{
    Run r;
    prepare(&r, t, MOST);
    int *expected[MOST], lengths[MOST];
    State s = state_new(&t->model, 1);
    for (int i = 0; i < MOST; i++) {
        const Input input = made_up_input(t, 1 + i * 5 % 12, i);
        Sequence q = sequence_new(&t->arena, &t->model, &r.options, &input, input.n_prompt + i % 9 + 1, i);
        const Encoded source = encode_input(&s, &t->model, &t->arena, &input);
        greedy(&s, &t->model, &q, &source, nothing, NULL);
        expected[i] = q.ids;
        lengths[i] = q.n;
    }
    s.pool.poison = true;
    for (int n_places = 1; n_places <= 17; n_places++) {
        run(&r, &s, n_places);
        for (int i = 0; i < MOST; i++) {
            const Sequence *q = &r.single[i]->sequence;
            CHECK(q->n == lengths[i] && !memcmp(q->ids, expected[i], q->n * sizeof *q->ids),
                  "%s: %d places: text %d differs", t->name, n_places, i);
            for (int k = q->n_prompt; k < q->n - 1; k++)
                CHECK(!is_end(&t->model.ids, q->ids[k]), "a token follows the end token");
        }
    }
    state_free(&s);
}

// [KV-21] A text of P prompt tokens and n produced ones costs P + n - 1 rows, in whatever company.
static void rows(TestModel *t)
{
    Run r;
    prepare(&r, t, 25);
    State s = state_new(&t->model, 1);
    run(&r, &s, 4);
    uint64_t expected = 0;
    for (int i = 0; i < r.n_jobs; i++) expected += r.single[i]->sequence.n - 1;
    CHECK(s.decoder_rows == expected, "%s: %llu rows, expected %llu", t->name,
          (unsigned long long)s.decoder_rows, (unsigned long long)expected);
    state_free(&s);
}

// [KV-81] Samples depend on the seed and their number only.
static void samples(TestModel *t)
{
    Run a, b;
    prepare(&a, t, 20);
    prepare(&b, t, 20);
    a.options.temperature = b.options.temperature = 1.2;
    a.options.top_p = b.options.top_p = 0.95;
    a.options.seed = b.options.seed = 5;
    State s = state_new(&t->model, 1);
    run(&a, &s, 1);
    run(&b, &s, 7);
    for (int i = 0; i < 20; i++) {
        const Sequence *p = &a.single[i]->sequence, *q = &b.single[i]->sequence;
        CHECK(p->n == q->n && !memcmp(p->ids, q->ids, p->n * sizeof *p->ids), "%s: sample %d differs",
              t->name, i);
    }
    state_free(&s);
}

// [KV-02, 27] All positions of the model can be used; then the text ends and says why.
static void out_of_positions(TestModel *t)
{
    const int limit = t->model.config.max_positions;
    if (!limit) return;
    Run r;
    prepare(&r, t, 1);
    r.options.min_new_tokens = 10000;
    const Input input = made_up_input(t, 3, 0);
    for (int more = 0; more < 2; more++) { // as many tokens as there can be; one more
        State s = state_new(&t->model, 1);
        r.n_jobs = 1, r.n_started = r.n_finished = r.steps_of[0] = 0;
        r.single[0] = single_search(&t->arena, &t->model, &r.options, &input, limit + 1 + more, 0);
        r.jobs[0] = (Job){.input = input, .search = &r.single[0]->search};
        KVCache c = kvcache_new(&s, &t->model, 1, limit);
        const BatchUser user = {next_job, stepped, finished, &r};
        batch_run(&s, &t->model, &c, 1, &user);
        const Sequence *q = &r.single[0]->sequence;
        CHECK(q->n == limit + 1 && q->out_of_positions == (more == 1), "%s: %d ids", t->name, q->n);
        kvcache_free(&c);
        state_free(&s);
    }
}

static void every_batch_size_gives_the_tokens_of_stage_03(void) { models_each(every_size); }
static void rows_are_computed_once(void) { models_each(rows); }
static void samples_do_not_depend_on_company(void) { models_each(samples); }
static void positions_can_be_used_up(void) { models_each(out_of_positions); }

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"batches of every size give the tokens of stage 03", every_batch_size_gives_the_tokens_of_stage_03},
        {"each row is computed once whatever the batch", rows_are_computed_once},
        {"a sample depends on its seed and number only", samples_do_not_depend_on_company},
        {"a text can use all positions of the model and not one more", positions_can_be_used_up},
    };
    return RUN_TESTS(tests);
}
