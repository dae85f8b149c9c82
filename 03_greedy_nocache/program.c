// SPDX-License-Identifier: MIT
// program.c -- the command line, the model, and what is said on stderr.
#include "program.h"
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_TOKENS = 10000000 };

// ---- start and end ----------------------------------------------------------------------------------------

// What only the combination of options shows to be wrong.
static void check_sampling(const Program *p)
{
    const Options *a = &p->asked;
    const char *needs = "%s needs a --temperature above 0";
    if (a->temperature > 0) return;
    if (p->seed_given) cli_error(&p->command, needs, "--seed");
    if (a->top_k != UNSET) cli_error(&p->command, needs, "--top-k");
    if (a->top_p > UNSET_REAL) cli_error(&p->command, needs, "--top-p");
    if (a->min_p > UNSET_REAL) cli_error(&p->command, needs, "--min-p");
    if (!p->beam_search && a->num_return_sequences > 1)
        cli_error(&p->command, needs, "--num-return-sequences above 1");
}

static void choose_seed(Program *p)
{
    if (p->seed_given || p->options.temperature == 0) return;
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    p->options.seed = (uint64_t)t.tv_sec * 1000003u ^ (uint64_t)t.tv_nsec;
    fprintf(stderr, "note: --seed %" PRIu64 "\n", p->options.seed);
}

static void watch_one_text(Program *p)
{
    Watch *w = &p->watch;
    if (!w->name) return;
    if (!p->one_text || p->options.num_return_sequences > 1)
        cli_error(&p->command, "--trace needs one text on the command line, and one result");
    p->queue.stream = false; // not in the middle of tables
    w->layer = -1;
    w->out = stderr;
    w->codec = &p->codec;
    watch_begin(w, &p->state);
}

void program_start(Program *p, const Option *own, int argc, char **argv)
{
    p->start = seconds_now();
    p->asked = options_unset();
    p->n_threads = 1;
    Options *a = &p->asked;
    const Option common[] = {
        OPT_INT("--max-new-tokens", "N", &a->max_new_tokens, 1, MAX_TOKENS,
                "at most N tokens, the end token included (default: stored, what fits, or 64)"),
        OPT_INT("--min-new-tokens", "N", &a->min_new_tokens, 0, MAX_TOKENS,
                "no end token among the first N (default 0, or stored)"),
        OPT_INT("--num-return-sequences", "N", &a->num_return_sequences, 1, 100000,
                "results per text (default 1; 05: the number of beams)"),
        OPT_REAL("--repetition-penalty", "R", &a->repetition_penalty, FLT_MIN, 1e6,
                 "make tokens that have occurred less likely by R (default 1: off, or stored)"),
        OPT_INT("--no-repeat-ngram-size", "N", &a->no_repeat_ngram_size, 0, 1e6,
                "no N tokens in a row twice (default 0: off, or stored)"),
        OPT_INT("--threads", "N", &p->n_threads, 1, 256,
                "threads (default 1); the result does not depend on it"),
        OPT_CHOICE("--cache-type", "TYPE", &p->cache_type, kv_type_names(),
                   "f32, f16 or int8: how the decoder's keys and values are stored (default f32)"),
        OPT_FLAG("--steps", &p->steps, "show each step on stderr"),
        OPT_FLAG("--verbose", &p->verbose, "say on stderr how much was computed and held"),
        OPT_FLAG("--ids", &p->as_ids, "texts and results are token ids separated by spaces (default: text)"),
        OPT_END,
    };
    const Option of_one_sequence[] = {
        // 03 and 04
        OPT_REAL("--temperature", "T", &a->temperature, 0, 1e6,
                 "draw tokens by probability, logits divided by T (default 0: take the best)"),
        OPT_INT("--top-k", "K", &a->top_k, 0, 1e9, "draw from the K best (default 0: from all)"),
        OPT_REAL("--top-p", "P", &a->top_p, 0, 1,
                 "draw from the best that together reach P (default 1: from all)"),
        OPT_REAL("--min-p", "P", &a->min_p, 0, 1,
                 "draw from those with P times the best's probability (default 0: from all)"),
        OPT_UINT64("--seed", "N", &a->seed, &p->seed_given,
                   "a sample depends on N, its text and its number only (default: another N each time); "
                   "equal texts get equal samples: for different ones use --num-return-sequences"),
        OPT_TEXT("--trace", "NAME", &p->watch.name,
                 "print a tensor of each forward pass on stderr, such as decoder.self_attention.keys "
                 "(default: none)"),
        OPT_END,
    };
    const Option *const tables[] = {common, p->beam_search ? own : of_one_sequence,
                                    p->beam_search ? NULL : own, NULL};
    memcpy(p->command.options, tables, sizeof tables);
    p->command.min_words = 1;
    p->command.max_words = argc;
    const int n_words = cli_parse(&p->command, argc, argv);
    check_sampling(p);

    Error error = {0};
    codec_load_or_exit(&p->codec, &p->model, argv[1], p->as_ids || p->plan);
    if (!options_resolve(&p->options, &p->model, &p->asked, true, &error)) exit(report(&error));
    if (p->options.num_return_sequences == UNSET && !p->beam_search) p->options.num_return_sequences = 1;
    choose_seed(p);
    if (!p->model.ids.eos.n)
        fprintf(stderr,
                "note: the model has no end token: all outputs end at their limit (--max-new-tokens)\n");
    p->state = program_state(p, p->n_threads);
    const int n_threads = workers_count(p->state.workers);
    if (n_threads < p->n_threads)
        fprintf(stderr, "note: --threads %d: there can be only %d\n", p->n_threads, n_threads);
    p->one_text = n_words == 2;
    p->queue = queue_new(&p->codec, &p->options);
    p->queue.texts = (Texts){.words = argv + 2, .n_words = n_words - 1};
    p->queue.n_samples = p->beam_search ? 1 : p->options.num_return_sequences;
    p->queue.stream = p->one_text && !p->steps;
    p->queue.on_terminal = is_terminal(1);
    const bool typed = n_words == 1 && is_terminal(0);
    if (is_terminal(2) && !p->steps && !p->one_text && !typed)
        p->queue.progress = progress_new(texts_count(&p->queue.texts));
    watch_one_text(p);
    p->loaded = seconds_now();
    p->command.options[0] = NULL; // the tables end with this function
}

State program_state(const Program *p, int n_threads)
{
    State state = state_new(&p->model, n_threads);
    state.pool.type = p->cache_type;
    return state;
}

int program_end(Program *p)
{
    Queue *q = &p->queue;
    if (q->texts.failed) q->status = report(&(Error){true, "cannot read standard input"});
    const int status = q->status;
    queue_free(q);
    state_free(&p->state);
    model_free(&p->model);
    return cli_end(status);
}

// ---- notes ------------------------------------------------------------------------------------------------

void print_step_prefix(const Program *p, const Request *r)
{
    if (!p->one_text) fprintf(stderr, "%s: ", r->text);
    if (!p->beam_search && p->options.num_return_sequences > 1) fprintf(stderr, "sample %d: ", r->sample);
}

void print_step(const Request *r, int n_rows, uint64_t n_rows_so_far, double seconds)
{
    fprintf(stderr, "step %d: %d row%s computed, %" PRIu64 " so far", r->sequence.n - r->sequence.n_prompt,
            n_rows, n_rows == 1 ? "" : "s", n_rows_so_far);
    if (seconds != SHARED) fprintf(stderr, ", %.3f ms", 1e3 * seconds);
}

void print_step_end(const Program *p, const Request *r)
{
    Arena arena = {0};
    fprintf(stderr, ": %s\n", codec_label(&p->codec, &arena, r->sequence.ids[r->sequence.n - 1]));
    arena_free(&arena);
}

// Threads run side by side, so their seconds are not those of a clock. But their sums say how to divide the
// time in which at least one of them had something to do.
void print_summary(Program *p)
{
    Queue *q = &p->queue;
    const double total = seconds_now() - p->start, load = p->loaded - p->start,
                 busy = total - load - q->waited;
    const double all = q->times.source + q->times.decoding;
    const double decoding = all > 0 ? busy * q->times.decoding / all : 0;
    progress_hide(&q->progress);
    fprintf(stderr,
            "%ld text%s, %ld token%s in %.3f s: load %.3f s, source and prompt %.3f s, decoding %.3f s",
            q->n_texts, q->n_texts == 1 ? "" : "s", q->n_tokens, q->n_tokens == 1 ? "" : "s", total, load,
            busy - decoding, decoding);
    if (decoding > 0) fprintf(stderr, " (%.0f tokens/s)", (double)q->n_tokens / decoding);
    fprintf(stderr, ", waiting %.3f s.\n", q->waited);
}

void print_rows(const Program *p)
{
    fprintf(stderr, "Decoder rows computed: %" PRIu64, p->queue.decoder_rows);
}

void print_rows_formula(const Program *p)
{
    const Queue *q = &p->queue;
    if (q->n_texts == 1 && p->model.config.has_encoder && p->options.num_return_sequences == 1)
        fprintf(stderr, " = n (n + 1) / 2 for n = %ld", q->n_tokens);
    fprintf(stderr, ".\n");
}
