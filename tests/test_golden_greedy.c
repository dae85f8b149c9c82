// SPDX-License-Identifier: MIT
// Greedy decoding without a cache against Hugging Face, and against stage 02 replayed by teacher forcing.
#include "golden.h"
#include "greedy.h"
#include "processors.h"
#include "sequences.h"

static Sequence run(Golden *g, const Input *input, int max_new_tokens)
{
    g->options.max_new_tokens = max_new_tokens;
    Sequence q = sequence_new(&g->arena, &g->options, input, input->n_prompt + max_new_tokens, 0);
    const Encoded source = encode_input(&g->state, &g->model, &g->arena, input);
    greedy(&g->state, &g->model, &q, &source, ignore_token, NULL);
    return q;
}

static int max_new_tokens(const Json *object)
{
    int n = 0;
    CHECK(json_int(json_get(object, "max_new_tokens"), &n), "max_new_tokens");
    return n;
}

static void compare_tokens(Golden *g)
{
    int n_cases = 0;
    for (const Json *one = g->cases; one; one = one->next) {
        const Json *expected = json_get(one, "greedy");
        if (!expected) continue;
        const Input input = golden_input(g, one);
        const Ids tokens = golden_ids(g, expected, "tokens");
        const Sequence q = run(g, &input, max_new_tokens(expected));
        golden_check_ids(g, golden_text(one, "name"), q.ids + q.n_prompt, q.n - q.n_prompt, &tokens);
        const float *logits = teacher_force(&g->state, &g->model, &g->arena, &input, tokens.ids, tokens.n);
        golden_check_log_p(g, expected, "logprobs", logits, &tokens);
        n_cases++;
    }
    CHECK(n_cases > 0, "%s: no greedy case", g->name);
    printf("%s: %d cases\n", g->name, n_cases);
}

// The long continuation: the argmax of raw logits, fed back again and again. No rule or end token stops it.
static void compare_long(Golden *g)
{
    for (const Json *one = g->cases; one; one = one->next) {
        const Ids tokens = golden_ids(g, one, "greedy_no_stop");
        if (!tokens.n) continue;
        const Input input = golden_input(g, one);
        const float *logits = teacher_force(&g->state, &g->model, &g->arena, &input, tokens.ids, tokens.n);
        for (int t = 0; t < tokens.n; t++) {
            const int best = argmax(logits + (size_t)t * g->options.vocab, g->options.vocab);
            CHECK(best == tokens.ids[t], "%s: token %d of the long case is %d, expected %d", g->name, t, best,
                  tokens.ids[t]);
        }
        printf("%s: %d tokens\n", g->name, tokens.n);
    }
}

// Token k is what the same rules pick from the teacher-forced logits of the grown prefix.
static void replay(Golden *g)
{
    int n_steps = 0;
    for (const Json *one = g->cases; one && n_steps < 100; one = one->next) {
        if (!json_get(one, "greedy")) continue;
        const Input input = golden_input(g, one);
        const Sequence q = run(g, &input, 40);
        const int T = q.n - q.n_prompt, V = g->options.vocab;
        float *logits = teacher_force(&g->state, &g->model, &g->arena, &input, q.ids + q.n_prompt, T);
        for (int t = 0; t < T; t++, n_steps++) {
            Sequence before = q; // of token t
            before.n = q.n_prompt + t;
            apply_processors(logits + (size_t)t * V, &g->options, &before, &g->arena);
            const int best = argmax(logits + (size_t)t * V, V);
            CHECK(best == q.ids[q.n_prompt + t], "%s: step %d picked %d, the replay picks %d", g->name, t,
                  q.ids[q.n_prompt + t], best);
        }
    }
    printf("%s: %d steps\n", g->name, n_steps);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"greedy tokens equal Hugging Face's", ON_GOLDEN(compare_tokens)},
        {"the long greedy continuation equals Hugging Face's", ON_GOLDEN(compare_long)},
        {"each greedy token is the argmax of stage 02's logits", ON_GOLDEN(replay)},
    };
    return RUN_TESTS_EACH(tests, golden_each);
}
