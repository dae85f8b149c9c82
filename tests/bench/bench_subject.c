// SPDX-License-Identifier: MIT
// bench_subject.c -- models to measure, made-up texts, and the operations and bytes of a step.
#include "bench_subject.h"

enum { POSITIONS_TO_SPARE = 128, SOURCE_OF_A_WORD = 8 };

static void states_new(Subject *s, int n_threads)
{
    s->state = state_new(&s->packed, n_threads);
    s->one_thread = state_new(&s->packed, 1);
}

// Greedy, and the end token is banned for longer than anything here runs.
static bool resolve_options(Subject *s, Error *error)
{
    Options asked = options_unset();
    asked.min_new_tokens = 1 << 24;
    return options_resolve(&s->options, &s->packed, &asked, false, error);
}

void subject_synthetic(Subject *s, const char *name, const Shape *shape, int n_source, int max_steps,
                       int n_threads)
{
    Error error = {0};
    *s = (Subject){.name = name, .n_source = n_source, .max_steps = max_steps};
    const int max_length = n_source > max_steps ? n_source : max_steps;
    s->packed = synthetic_model(shape, max_length + POSITIONS_TO_SPARE, PANEL_WIDTH);
    if (!shape->decoder_only) s->textbook = synthetic_model(shape, max_length + POSITIONS_TO_SPARE, 1);
    resolve_options(s, &error); // nothing is stored, so nothing can be wrong
    states_new(s, n_threads);
}

bool subject_load(Subject *s, const char *directory, int max_steps, int n_threads, Error *error)
{
    *s = (Subject){.name = directory, .n_source = SOURCE_OF_A_WORD, .max_steps = max_steps};
    if (!model_load(&s->packed, directory, PANEL_WIDTH, error)) return false;
    if (!model_load(&s->textbook, directory, 1, error) || !resolve_options(s, error)) {
        model_free(&s->packed);
        model_free(&s->textbook);
        return false;
    }
    const int limit = s->packed.config.max_positions;
    if (limit && limit < max_steps) s->max_steps = limit;
    if (!s->packed.config.has_encoder) s->n_source = 0;
    states_new(s, n_threads);
    return true;
}

void subject_free(Subject *s)
{
    state_free(&s->state);
    state_free(&s->one_thread);
    model_free(&s->packed);
    model_free(&s->textbook);
}

static int *made_up_tokens(Arena *arena, int n, int vocab)
{
    int *tokens = arena_alloc(arena, n, sizeof *tokens);
    Random random = random_stream(2, 0);
    for (int i = 0; i < n; i++) tokens[i] = (int)(random_next(&random) * vocab);
    return tokens;
}

Input made_up_input(Arena *arena, const Subject *s, int n_prompt)
{
    const Config *c = &s->packed.config;
    int *prompt = made_up_tokens(arena, n_prompt, c->vocab);
    if (!c->has_encoder) return (Input){.prompt = prompt, .n_prompt = n_prompt};
    prompt[0] = s->packed.ids.start;
    return (Input){made_up_tokens(arena, s->n_source, c->source_vocab), prompt, s->n_source, n_prompt};
}

static double weights_of(const Linear *l)
{
    return l->weight.values ? (double)l->weight.n_in * l->weight.n_out : 0;
}

// Of one layer: the weights that a row of the decoder meets, and those that a row of the source meets.
static double weights_of_row(const Layer *l)
{
    return weights_of(&l->self.query) + weights_of(&l->self.key) + weights_of(&l->self.value) +
           weights_of(&l->self.output) + weights_of(&l->cross.query) + weights_of(&l->cross.output) +
           weights_of(&l->ff_in) + weights_of(&l->ff_gate) + weights_of(&l->ff_out);
}
static double weights_of_source_row(const Layer *l)
{
    return weights_of(&l->cross.key) + weights_of(&l->cross.value);
}

double step_weight_bytes(const Subject *s)
{
    const Weights *w = &s->packed.weights;
    double weights = weights_of(&w->lm_head);
    for (int l = 0; l < w->decoder.n_layers; l++) weights += weights_of_row(&w->decoder.layers[l]);
    return sizeof(float) * weights;
}

// One multiply-add for each weight and row. Attention: two for each number of a key (one of them for its
// value), for 1 + 2 + ... + t pairs of a query and a key, and t * S in cross-attention.
double uncached_step_operations(const Subject *s, int t)
{
    const Weights *w = &s->packed.weights;
    const StackShape *shape = &s->packed.config.decoder;
    const double pairs = t * (t + 1) / 2.0 + (double)t * s->n_source;
    double multiply_adds =
        weights_of(&w->lm_head) + pairs * 2 * shape->n_layers * shape->n_heads * shape->head_dim;
    for (int l = 0; l < w->decoder.n_layers; l++)
        multiply_adds += t * weights_of_row(&w->decoder.layers[l]) +
                         s->n_source * weights_of_source_row(&w->decoder.layers[l]);
    return 2 * multiply_adds;
}
