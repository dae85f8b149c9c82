// SPDX-License-Identifier: MIT
// n best and scores against Hugging Face: all settings of all golden cases.
#include "golden.h"
#include "search.h"

typedef struct {
    Job job;
    bool started;
} One;
static Job *next_job(void *user)
{
    One *one = user;
    if (one->started) return NULL;
    one->started = true;
    return &one->job;
}
static void nothing(void *user, Job *job) { (void)user, (void)job; }

static void set_options(Golden *g, const Json *setting)
{
    Options *o = &g->options;
    const Json *early = json_get(setting, "early_stopping");
    CHECK(json_int(json_get(setting, "num_beams"), &o->num_beams), "num_beams");
    CHECK(json_int(json_get(setting, "max_new_tokens"), &o->max_new_tokens), "max_new_tokens");
    CHECK(json_double(json_get(setting, "length_penalty"), &o->length_penalty), "length_penalty");
    o->early_stopping = early->kind == JSON_STRING ? EARLY_STOPPING_NEVER
                        : early->kind == JSON_TRUE ? EARLY_STOPPING_TRUE
                                                   : EARLY_STOPPING_FALSE;
}

static int compare_setting(Golden *g, const Json *one, const Json *setting)
{
    set_options(g, setting);
    const Input input = golden_input(g, one);
    const int V = g->options.vocab;
    BeamSearch *bs =
        beam_search(&g->arena, &g->model, &g->options, &input, input.n_prompt + g->options.max_new_tokens);
    One work = {{.input = input, .search = &bs->search}, false};
    KVCache c = kvcache_new(&g->state, &g->model, g->options.num_beams, 600);
    const BatchUser user = {next_job, nothing, nothing, &work};
    batch_run(&g->state, &g->model, &c, g->options.num_beams, &user);
    kvcache_free(&c);
    int n = 0;
    for (const Json *expected = json_get(setting, "hypotheses")->first; expected;
         expected = expected->next, n++) {
        const Ids tokens = golden_ids(g, expected, "tokens");
        const Hypothesis *h = beam_result(&bs->beam, n);
        double score = 0;
        CHECK(h != NULL, "%s: %s: result %d is missing", g->name, golden_text(one, "name"), n);
        if (!h) break;
        json_double(json_get(expected, "score"), &score);
        golden_check_ids(g, golden_text(one, "name"), h->ids + input.n_prompt, h->n - input.n_prompt,
                         &tokens);
        golden_check_score(g, golden_text(one, "name"), (double)h->score, score);
        int n_reals;
        const float *reals = golden_reals(g, expected, "logprobs", &n_reals);
        CHECK(n_reals == tokens.n, "%s: %d logprobs of %d tokens", g->name, n_reals, tokens.n);
        const float *logits = teacher_force(&g->state, &g->model, &g->arena, &input, tokens.ids, tokens.n);
        for (int t = 0; t < n_reals; t++) {
            float *log_p = arena_floats(&g->arena, V, 1);
            log_softmax(log_p, logits + (size_t)t * V, V);
            golden_check(g, "beam logprobs", &log_p[tokens.ids[t]], &reals[t], 1);
        }
    }
    CHECK(!beam_result(&bs->beam, n), "%s: more results than expected", g->name);
    return n;
}

static void compare(Golden *g)
{
    int n_settings = 0, n_hypotheses = 0;
    for (const Json *one = g->cases; one; one = one->next) {
        const Json *settings = json_get(one, "beams");
        for (const Json *setting = settings ? settings->first : NULL; setting;
             setting = setting->next, n_settings++)
            n_hypotheses += compare_setting(g, one, setting);
    }
    CHECK(n_settings > 0, "%s: no settings", g->name);
    printf("%s: %d searches, %d hypotheses\n", g->name, n_settings, n_hypotheses);
}

static void n_best_equal_hugging_face(void) { golden_each(compare); }

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"n best and scores equal Hugging Face's", n_best_equal_hugging_face},
    };
    return RUN_TESTS(tests);
}
