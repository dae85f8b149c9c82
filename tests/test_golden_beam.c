// SPDX-License-Identifier: MIT
// n best and scores against Hugging Face: all settings of all golden cases.
#include "golden.h"
#include "search.h"

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
    Request r = {.input = input, .max_length = input.n_prompt + g->options.max_new_tokens};
    r.search = beam_search(&g->arena, &g->options, &input, r.max_length);
    Batch batch = batch_new(&g->state, &g->model, 1, g->options.num_beams);
    batch_add(&batch, &r);
    while (!r.search->done) batch_step(&batch);
    batch_remove(&batch, &r);
    batch_free(&batch);
    int n = 0;
    for (const Json *expected = json_get(setting, "hypotheses")->first; expected;
         expected = expected->next, n++) {
        const Ids tokens = golden_ids(g, expected, "tokens");
        const Sequence *h = beam_result(search_beam(r.search), n);
        double score = 0;
        CHECK(h != NULL, "%s: %s: result %d is missing", g->name, golden_text(one, "name"), n);
        if (!h) break;
        json_double(json_get(expected, "score"), &score);
        golden_check_ids(g, golden_text(one, "name"), h->ids + input.n_prompt, h->n - input.n_prompt,
                         &tokens);
        golden_check_score(g, golden_text(one, "name"), (double)h->score, score);
        const float *logits = teacher_force(&g->state, &g->model, &g->arena, &input, tokens.ids, tokens.n);
        golden_check_log_p(g, expected, "logprobs", logits, &tokens);
    }
    CHECK(!beam_result(search_beam(r.search), n), "%s: more results than expected", g->name);
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

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"n best and scores equal Hugging Face's", ON_GOLDEN(compare)},
    };
    return RUN_TESTS_EACH(tests, golden_each);
}
