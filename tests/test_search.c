// SPDX-License-Identifier: MIT
// Beam search with a model and a cache that is reordered after each step.
#include "greedy.h"
#include "models.h"
#include "processors.h"
#include "search.h"
#include "sequences.h"

enum { MAX = 12 };

typedef struct {
    TestModel *t;
    Options options;
    Request requests[MAX];
    int n_requests;
} Run;

static const Beam *beam_of(const Run *r, int i) { return search_beam(r->requests[i].search); }

static void prepare(Run *r, TestModel *t, int n_requests, int num_beams)
{
    Error error = {0};
    Options asked = options_unset();
    *r = (Run){.t = t, .n_requests = n_requests};
    asked.num_beams = num_beams;
    CHECK(options_resolve(&r->options, &t->model, &asked, false, &error), "%s", error.message);
}

static void run(Run *r, State *s, int max_requests, enum Reorder reorder)
{
    Arena *arena = &r->t->arena;
    const int B = r->options.num_beams;
    for (int i = 0; i < r->n_requests; i++) {
        Request *q = &r->requests[i];
        const Input input = made_up_input(r->t, 1 + i * 5 % 12, i);
        *q = (Request){.input = input, .max_length = input.n_prompt + 5 + i * 4};
        q->sequence = sequence_new(arena, &r->options, &input, q->max_length, 0);
        q->sequence.with_sum = true;
        q->search = B == 1 ? greedy_search(arena) : beam_search(arena, &r->options, &input, q->max_length);
    }
    Batch batch = batch_new(s, &r->t->model, max_requests, B);
    batch.cache.reorder = reorder;
    for (int n_added = 0;;) {
        while (!batch_full(&batch) && n_added < r->n_requests) batch_add(&batch, &r->requests[n_added++]);
        if (!batch.n_requests) break;
        batch_step(&batch);
        for (int i = 0; i < batch.max_requests; i++)
            if (batch.requests[i] && batch.requests[i]->search->done) batch_remove(&batch, batch.requests[i]);
    }
    CHECK(s->pool.blocks_live == 0, "%zu blocks are still held after the last text", s->pool.blocks_live);
    batch_free(&batch);
}

static void check_same_results(const Run *a, const Run *b, const char *what)
{
    for (int i = 0; i < a->n_requests; i++)
        for (int k = 0; k < a->options.num_beams; k++) {
            const Sequence *g = beam_result(beam_of(a, i), k), *h = beam_result(beam_of(b, i), k);
            CHECK(!g == !h, "%s: text %d has no result %d", what, i, k);
            if (!g || !h) break;
            CHECK(same_ids(g, h), "%s: text %d: result %d differs", what, i, k);
            CHECK(!memcmp(&g->score, &h->score, sizeof g->score), "%s: text %d: score %d is %a and %a", what,
                  i, k, (double)g->score, (double)h->score);
        }
}

// [KV-42, 43, 50] The sum of a hypothesis is its tokens' log-probabilities, from stage 02, added up in order.
static void check_sum(Run *r, State *s, const Input *input, const int *ids, int n, int max_length, float sum)
{
    const int P = input->n_prompt, V = r->options.vocab, T = n - P;
    float *logits = teacher_force(s, &r->t->model, &r->t->arena, input, ids + P, T), total = 0;
    float *log_p = arena_floats(&r->t->arena, V, 1);
    for (int t = 0; t < T; t++) {
        Sequence before = {.ids = (int *)ids, .n = P + t, .n_prompt = P, .max_length = max_length};
        log_softmax(log_p, logits + (size_t)t * V, V);
        if (r->options.num_beams > 1) {
            apply_processors(log_p, &r->options, &before, &r->t->arena);
            if (r->options.renormalize_logits) log_softmax(log_p, log_p, V);
        } else if (forced_token(&r->options, &before) >= 0)
            continue; // one beam: log-probabilities before the rules; that of a forced token is 0
        total += log_p[ids[P + t]];
    }
    CHECK(!memcmp(&total, &sum, sizeof sum), "%s: the sum of %d tokens is %a, teacher forcing gives %a",
          r->t->name, T, (double)sum, (double)total);
}

static void sums(TestModel *t)
{
    Run r;
    int n_checked = 0;
    for (int B = 2; B <= 5; B++) {
        State s = state_new(&t->model, 1);
        prepare(&r, t, 6, B);
        if (B == 5) { // the rules that change scores, too
            r.options.repetition_penalty = 1.3;
            r.options.no_repeat_ngram_size = 2;
            r.options.min_new_tokens = 3;
        }
        r.options.renormalize_logits = B == 4 || B == 5;
        run(&r, &s, 3, REORDER_SHARE);
        for (int i = 0; i < r.n_requests; i++) {
            const Sequence *h;
            for (int k = 0; (h = beam_result(beam_of(&r, i), k)); k++, n_checked++)
                check_sum(&r, &s, &r.requests[i].input, h->ids, h->n, r.requests[i].max_length, h->sum);
        }
        state_free(&s);
    }
    CHECK(n_checked > 50, "only %d hypotheses", n_checked);
    printf("%s: %d hypotheses\n", t->name, n_checked);
}

// [KV-47] One beam gives the tokens of stage 03; its sum is that of their log-probabilities before the rules.
static void one_beam(TestModel *t)
{
    Run r;
    State s = state_new(&t->model, 1);
    prepare(&r, t, 8, 1);
    r.options.repetition_penalty = 1.3; // rules change the choice, not the score
    r.options.no_repeat_ngram_size = 2;
    r.options.min_new_tokens = 3;
    run(&r, &s, 3, REORDER_SHARE);
    for (int i = 0; i < r.n_requests; i++) {
        const Input *input = &r.requests[i].input;
        const Sequence *found = &r.requests[i].sequence;
        Sequence q = sequence_new(&t->arena, &r.options, input, r.requests[i].max_length, 0);
        const Encoded source = encode_input(&s, &t->model, &t->arena, input);
        greedy(&s, &t->model, &q, &source, ignore_token, NULL);
        CHECK(same_ids(&q, found), "%s: text %d", t->name, i);
        check_sum(&r, &s, input, q.ids, q.n, q.max_length, found->sum);
    }
    state_free(&s);
}

// [KV-41, 48, 49] Texts together or alone, blocks shared or copied, NaN in unused blocks: the same bits.
static void company(TestModel *t)
{
    for (int B = 2; B <= 4; B++) {
        Run alone, other;
        State s = state_new(&t->model, 1);
        prepare(&alone, t, 9, B);
        prepare(&other, t, 9, B);
        run(&alone, &s, 1, REORDER_COPY);
        s.pool.poison = true;
        for (int max_requests = 1; max_requests <= 9; max_requests += 2) {
            run(&other, &s, max_requests, max_requests % 4 == 1 ? REORDER_SHARE : REORDER_COPY);
            check_same_results(&alone, &other, t->name);
        }
        state_free(&s);
    }
}

// [KV-72] The end token comes first: an empty result of length 1 with a score, with one beam and with two.
static void end_first(TestModel *t)
{
    const int V = t->model.config.vocab, end = t->model.ids.eos.ids[0];
    int *others = arena_alloc(&t->arena, V, sizeof *others), n = 0;
    for (int v = 0; v < V; v++)
        if (v != end) others[n++] = v;
    for (int B = 1; B <= 2; B++) {
        Run r;
        State s = state_new(&t->model, 1);
        prepare(&r, t, 3, B);
        r.options.begin_suppress = (Ids){others, n};
        run(&r, &s, 2, REORDER_SHARE);
        for (int i = 0; i < r.n_requests; i++) {
            const Input *input = &r.requests[i].input;
            const float *logits = teacher_force(&s, &t->model, &t->arena, input, &end, 1);
            float *log_p = arena_floats(&t->arena, V, 1);
            log_softmax(log_p, logits, V);
            const Sequence *q = B == 1 ? &r.requests[i].sequence : beam_result(beam_of(&r, i), 0);
            const int length = q->n - input->n_prompt;
            const float score = B == 1 ? q->sum / length_divisor(&r.options, length) : q->score;
            CHECK(length == 1 && score == log_p[end], "%s: %d beams: length %d, score %g, expected %g",
                  t->name, B, length, (double)score, (double)log_p[end]);
        }
        state_free(&s);
    }
}

// ---- kvcache_reorder --------------------------------------------------------------------------------------

// Three hypotheses with different pasts of n tokens in slots 1 to 3.
static KVCache three(TestModel *t, State *s, const Input *input, int n, enum Reorder reorder)
{
    KVCache c = cache_of(t, s, 5, 300);
    Row rows[300];
    c.reorder = reorder;
    kvcache_read_source(s, &t->model, &c, 1, input);
    for (int b = 1; b < 3; b++) kvcache_fork(&c, 1 + b, 1, 0);
    for (int b = 0; b < 3; b++) {
        kvcache_rows(&c, rows, 1 + b, made_up_tokens(t, n, b), n, 1);
        kvcache_forward(s, &t->model, &c, rows, n);
    }
    return c;
}

// One more token for each of the three: token, token + apart, token + 2 apart; logits (3, V), copied.
static float *continue_three(TestModel *t, State *s, KVCache *c, int token, int apart)
{
    Row rows[3];
    for (int b = 0; b < 3; b++) {
        const int next = (token + b * apart) % t->model.config.vocab;
        kvcache_rows(c, rows + b, 1 + b, &next, 1, 1);
    }
    float *logits = arena_floats(&t->arena, 3, t->model.config.vocab);
    memcpy(logits, kvcache_forward(s, &t->model, c, rows, 3), sizeof *logits * 3 * t->model.config.vocab);
    return logits;
}

// [KV-24, 40, 44, 55] All 27 maps of 3 hypotheses to parents, at lengths around the end of a block.
static void maps(TestModel *t)
{
    const int V = t->model.config.vocab;
    const Input input = made_up_input(t, 4, 0);
    const int lengths[] = {1, 15, 16, 17};
    State s = state_new(&t->model, 1);
    s.pool.poison = true;
    for (int i = 0; i < 4 && lengths[i] < all_positions(t, 100); i++) {
        const float *expected[3]; // [b] (3, V): each of the three, continued by the token that b will get
        for (int b = 0; b < 3; b++) {
            KVCache plain = three(t, &s, &input, lengths[i], REORDER_COPY);
            expected[b] = continue_three(t, &s, &plain, 5 + b, 0);
            CHECK(memcmp(expected[b], expected[b] + V, V * sizeof *expected[b]), "the three should differ");
            kvcache_free(&plain);
        }
        for (int map = 0; map < 27; map++) {
            const int parents[] = {map % 3, map / 3 % 3, map / 9};
            for (int how = REORDER_SHARE; how <= REORDER_COPY; how++) {
                KVCache c = three(t, &s, &input, lengths[i], how);
                kvcache_reorder(&c, 1, 3, parents);
                const float *logits = continue_three(t, &s, &c, 5, 1); // siblings write different things
                for (int b = 0; b < 3; b++) {
                    char what[100];
                    snprintf(what, sizeof what,
                             "%s: parents %d, %d, %d: %d positions: logits of hypothesis %d", t->name,
                             parents[0], parents[1], parents[2], lengths[i], b);
                    CHECK_BITS(logits + b * V, expected[b] + parents[b] * V, (size_t)V, what);
                }
                kvcache_free(&c);
                CHECK(s.pool.blocks_live == 0, "parents %d, %d, %d: %zu blocks leaked", parents[0],
                      parents[1], parents[2], s.pool.blocks_live);
            }
        }
    }
    state_free(&s);
}

// Random maps at every step: sharing and copying give the same bits, and sharing copies less.
static void random_maps_of_cache(TestModel *t)
{
    const Input input = made_up_input(t, 4, 0);
    State s = state_of(t), z = state_of(t);
    KVCache share = three(t, &s, &input, 3, REORDER_SHARE), copy = three(t, &z, &input, 3, REORDER_COPY);
    unsigned seed = 1;
    const int n_steps = all_positions(t, 50) < 50 ? 12 : 45;
    for (int step = 0; step < n_steps; step++) {
        int parents[3];
        for (int b = 0; b < 3; b++) parents[b] = (int)((seed = seed * 1664525u + 1013904223u) >> 16) % 3;
        kvcache_reorder(&share, 1, 3, parents);
        kvcache_reorder(&copy, 1, 3, parents);
        const float *a = continue_three(t, &s, &share, step, 1);
        CHECK_BITS(a, continue_three(t, &z, &copy, step, 1), (size_t)3 * t->model.config.vocab, t->name);
        for (int b = 0; b < 3; b++)
            for (int block = 0; block < 3 && block * KV_BLOCK < share.self[0][1 + b].length; block++)
                CHECK(kv_references(&share.self[0][1 + b], block) <= 3, "more references than hypotheses");
    }
    // Copying: every block of every hypothesis at every step. Sharing: at most the last one.
    const size_t L = t->model.config.decoder.n_layers;
    const unsigned long long shared = s.pool.bytes_copied + share.rows->bytes_copied,
                             copied = z.pool.bytes_copied + copy.rows->bytes_copied;
    CHECK(shared <= n_steps * 3 * L * kv_block_bytes(&s.pool), "sharing copied %llu bytes", shared);
    CHECK(copied > shared, "copying copied %llu bytes, sharing %llu", copied, shared);
    printf("%s: %llu bytes copied, by sharing %llu\n", t->name, copied, shared);
    kvcache_free(&share);
    kvcache_free(&copy);
    CHECK(s.pool.blocks_live == 0 && z.pool.blocks_live == 0, "blocks leaked");
    state_free(&s);
    state_free(&z);
}

static void random_maps(TestModel *t)
{
    for (t->keep = 0; t->keep < N_KEEPS; t->keep++) random_maps_of_cache(t);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"a hypothesis's sum has the bits of its teacher-forced log-probabilities", ON_MODEL(sums)},
        {"one beam is greedy decoding with a score", ON_MODEL(one_beam)},
        {"n best and scores do not depend on batch or way of reordering", ON_MODEL(company)},
        {"the end token may come first", ON_MODEL(end_first)},
        {"the cache can be reordered by every map of parents", ON_MODEL(maps)},
        {"sharing blocks has the bits of copying them", ON_MODEL(random_maps)},
    };
    return RUN_TESTS_EACH(tests, models_each);
}
