// SPDX-License-Identifier: MIT
// program.c -- from the command line to requests, and from tokens to lines.
#include "program.h"
#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_TOKENS = 10000000 };

double seconds_now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// ---- start and end ----------------------------------------------------------------------------------------

// What only the combination of options shows to be wrong.
static void check_sampling(const Program *p)
{
    const Options *a = &p->asked;
    const char *needs = "%s needs a --temperature above 0";
    if (a->temperature > 0) return;
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

void program_start(Program *p, const Option *own, int argc, char **argv)
{
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
        OPT_FLAG("--steps", &p->steps, "show each step on stderr"),
        OPT_FLAG("--ids", &p->as_ids, "texts and results are token ids separated by spaces (default: text)"),
        OPT_END,
    };
    const Option sampling[] = {
        OPT_REAL("--temperature", "T", &a->temperature, 0, 1e6,
                 "draw tokens by probability, logits divided by T (default 0: take the best)"),
        OPT_INT("--top-k", "K", &a->top_k, 0, 1e9, "draw from the K best (default 0: from all)"),
        OPT_REAL("--top-p", "P", &a->top_p, 0, 1,
                 "draw from the best that together reach P (default 1: from all)"),
        OPT_REAL("--min-p", "P", &a->min_p, 0, 1,
                 "draw from those with P times the best's probability (default 0: from all)"),
        OPT_UINT64("--seed", "N", &a->seed, &p->seed_given,
                   "a sample depends on N, its text and its number only (default: another N each time);\n"
                   "                                   "
                   "equal texts get equal samples: for different ones use --num-return-sequences"),
        OPT_END,
    };
    const Option *const tables[] = {common, p->beam_search ? own : sampling, p->beam_search ? NULL : own,
                                    NULL};
    memcpy(p->command.options, tables, sizeof tables);
    p->command.min_words = 1;
    p->command.max_words = argc;
    const int n_words = cli_parse(&p->command, argc, argv);
    check_sampling(p);

    Error error = {0};
    codec_load_or_exit(&p->codec, &p->model, argv[1], p->as_ids);
    if (!options_resolve(&p->options, &p->model, &p->asked, true, &error)) exit(report(&error));
    if (p->options.num_return_sequences == UNSET && !p->beam_search) p->options.num_return_sequences = 1;
    choose_seed(p);
    p->state = state_new(&p->model, p->n_threads);
    p->texts = (Texts){.words = argv + 2, .n_words = n_words - 1};
    p->one_text = n_words == 2;
    p->stream = p->one_text && !p->steps;
    p->start = seconds_now();
    p->command.options[0] = NULL; // the tables end with this function
}

int program_end(Program *p)
{
    if (p->texts.failed) p->status = report(&(Error){true, "cannot read standard input"});
    texts_free(&p->texts);
    state_free(&p->state);
    model_free(&p->model);
    return cli_end(p->status);
}

// ---- requests ---------------------------------------------------------------------------------------------

static bool is_last_sample(const Program *p, const Request *r)
{
    return p->beam_search || r->sample + 1 == p->options.num_return_sequences;
}

static void free_memory(Arena *memory)
{
    arena_free(memory);
    memory_resize(memory, 0, 0);
}

// From a text to the ids and limits of its request.
static bool read_text(Program *p, Request *r, const char *text, Error *error)
{
    Ids ids;
    int n_unknown;
    if (!codec_source(&p->codec, r->memory, text, &ids, &n_unknown, error)) return false;
    r->input = input_of(&p->model, ids.ids, ids.n);
    if (!options_max_length(&p->options, r->input.n_prompt, &r->max_length, error)) return false;
    if (n_unknown)
        fprintf(stderr, "note: %s %d: %d character%s not in the vocabulary\n", r->kind, r->number, n_unknown,
                n_unknown == 1 ? " is" : "s are");
    r->text = arena_text(r->memory, text, strlen(text));
    return true;
}

static Request *read_request(Program *p, bool wait)
{
    const char *text, *problem;
    while ((text = texts_next(&p->texts, wait, &problem))) {
        Error error = {0};
        Arena *memory = memory_resize(NULL, 1, sizeof *memory);
        *memory = (Arena){0};
        Request *r = arena_alloc(memory, 1, sizeof *r);
        *r = (Request){.kind = p->texts.kind, .number = p->texts.number, .memory = memory};
        if (problem ? fail(&error, "%s", problem) : read_text(p, r, text, &error)) {
            p->n_texts++;
            return r;
        }
        fprintf(stderr, "error: %s %d: %s\n", r->kind, r->number, error.message);
        p->status = 1;
        free_memory(memory);
    }
    return NULL;
}

static Request *another_sample(const Request *before)
{
    Request *r = arena_alloc(before->memory, 1, sizeof *r);
    *r = (Request){.kind = before->kind,
                   .number = before->number,
                   .text = before->text,
                   .input = before->input,
                   .max_length = before->max_length,
                   .sample = before->sample + 1,
                   .memory = before->memory};
    return r;
}

Request *program_next(Program *p, bool wait)
{
    Request *r = p->last_read ? another_sample(p->last_read) : read_request(p, wait);
    if (!r) return NULL;
    p->last_read = is_last_sample(p, r) ? NULL : r;
    *(p->oldest ? &p->newest->next : &p->oldest) = r;
    p->newest = r;
    return r;
}

static void show_progress(const Program *p, bool end)
{
    if (p->steps || p->one_text || !stderr_is_terminal()) return;
    if (end) fprintf(stderr, "\r\033[K");
    else if (p->n_printed % 100 == 0) fprintf(stderr, "\r%ld texts", p->n_printed);
}

static void report_problem(Program *p, const Request *r, Problem problem)
{
    const char *what = r->n_lines ? "the output ends here" : "no result";
    fprintf(stderr, "error: %s %d: %s: ", r->kind, r->number, what);
    switch (problem) {
    case NO_PROBLEM: break;
    case OUT_OF_POSITIONS:
        fprintf(stderr, "all %d positions of the model are used\n", p->model.config.max_positions);
        break;
    case ALL_BANNED: fprintf(stderr, "no token has a finite probability: all are banned\n"); break;
    case NOT_FINITE:
        fprintf(stderr, "no token has a finite probability: the model's logits are not finite\n");
        break;
    }
    p->status = 1;
}

void program_drop_oldest(Program *p, Problem problem)
{
    Request *r = p->oldest;
    assert(r->n_lines || problem); // no text vanishes
    if (problem) report_problem(p, r, problem);
    p->oldest = r->next;
    p->n_printed++;
    show_progress(p, false);
    if (is_last_sample(p, r)) free_memory(r->memory);
}

// ---- results ----------------------------------------------------------------------------------------------

void print_text(const Request *r) { printf("%s\t", r->text); }

void print_ids(Program *p, Request *r, const int *ids, int n)
{
    for (; r->n_printed < n; r->n_printed++) {
        const int id = ids[r->n_printed];
        if (!codec_shown(&p->codec, id)) continue;
        if (r->n_shown++) putchar(' ');
        if (p->as_ids) printf("%d", id);
        else fputs(tokenizer_token(&p->codec.tokenizer, id), stdout);
    }
    if (p->stream) fflush(stdout);
}

void print_end(Program *p, Request *r)
{
    p->n_tokens += r->n_printed;
    r->n_printed = r->n_shown = 0;
    r->n_lines++;
    putchar('\n');
    fflush(stdout);
}

void print_results(Program *p)
{
    for (Request *r; (r = p->oldest) && (r->done || p->stream);) {
        const Sequence *q = &r->sequence;
        const int n = q->n - q->n_prompt; // 0: no token at all was possible
        if (n && !r->n_printed) print_text(r);
        print_ids(p, r, q->ids + q->n_prompt, n);
        if (!r->done) return;
        if (n) print_end(p, r);
        program_drop_oldest(p, q->problem);
    }
}

// ---- notes ------------------------------------------------------------------------------------------------

void print_step_prefix(const Program *p, const Request *r)
{
    if (!p->one_text) fprintf(stderr, "%s: ", r->text);
    if (!p->beam_search && p->options.num_return_sequences > 1) fprintf(stderr, "sample %d: ", r->sample);
}

void print_step(const Request *r, int n_rows, uint64_t n_rows_so_far)
{
    fprintf(stderr, "step %d: %d row%s computed, %" PRIu64 " so far", r->sequence.n - r->sequence.n_prompt,
            n_rows, n_rows == 1 ? "" : "s", n_rows_so_far);
}

void print_step_end(const Program *p, const Request *r)
{
    Arena arena = {0};
    fprintf(stderr, ": %s\n", codec_label(&p->codec, &arena, r->sequence.ids[r->sequence.n - 1]));
    arena_free(&arena);
}

void print_summary(const Program *p)
{
    show_progress(p, true);
    fprintf(stderr, "%ld text%s, %ld tokens in %.3f s. Decoder rows computed: %" PRIu64, p->n_texts,
            p->n_texts == 1 ? "" : "s", p->n_tokens, seconds_now() - p->start, p->state.decoder_rows);
}

void print_rows_formula(const Program *p)
{
    if (p->n_texts == 1 && p->model.config.has_encoder && p->options.num_return_sequences == 1)
        fprintf(stderr, " = n (n + 1) / 2 for n = %ld", p->n_tokens);
    fprintf(stderr, ".\n");
}
