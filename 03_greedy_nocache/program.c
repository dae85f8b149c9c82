// SPDX-License-Identifier: MIT
// program.c -- from the command line to texts, and from tokens to lines.
#include "program.h"
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_OPTIONS = 24, MOST_TOKENS = 10000000 };

double seconds_now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void sampling_options(Program *p, Option out[6])
{
    Options *a = &p->asked;
    const Option options[6] = {
        {"--temperature", "T", "draw tokens by probability, logits divided by T (default 0: take the best)",
         OPTION_REAL, &a->temperature, NULL, 0, 1e6, NULL},
        {"--top-k", "K", "draw from the K best (default 0: from all)", OPTION_INT, &a->top_k,
         &p->sampling_given[0], 0, 1e9, NULL},
        {"--top-p", "P", "draw from the best that together reach P (default 1: from all)", OPTION_REAL,
         &a->top_p, &p->sampling_given[1], 0, 1, NULL},
        {"--min-p", "P", "draw from those with P times the best's probability (default 0: from all)",
         OPTION_REAL, &a->min_p, &p->sampling_given[2], 0, 1, NULL},
        {"--seed", "N", "seed of the random numbers (default: another one each time)", OPTION_UINT64,
         &a->seed, &p->seed_given, 0, 0, NULL},
        {0},
    };
    memcpy(out, options, sizeof options);
}

static int common_options(Program *p, Option *out)
{
    Options *a = &p->asked;
    const Option options[] = {
        {"--max-new-tokens", "N",
         "at most N tokens, the end token included (default: stored, what fits, or 64)", OPTION_INT,
         &a->max_new_tokens, NULL, 1, MOST_TOKENS, NULL},
        {"--min-new-tokens", "N", "no end token among the first N (default 0, or stored)", OPTION_INT,
         &a->min_new_tokens, NULL, 0, MOST_TOKENS, NULL},
        {"--num-return-sequences", "N", "results per text (default 1; 05: the number of beams)", OPTION_INT,
         &a->num_return_sequences, NULL, 1, 100000, NULL},
        {"--repetition-penalty", "R",
         "make tokens that have occurred less likely by R (default 1: off, or stored)", OPTION_REAL,
         &a->repetition_penalty, NULL, FLT_MIN, 1e6, NULL},
        {"--no-repeat-ngram-size", "N", "no N tokens in a row twice (default 0: off, or stored)", OPTION_INT,
         &a->no_repeat_ngram_size, NULL, 0, 1e6, NULL},
        {"--batch-size", "N", "texts decoded together in 04 and 05 (default 16)", OPTION_INT, &p->batch_size,
         NULL, 1, 65536, NULL},
        {"--threads", "N", "threads (default 1); the result does not depend on it", OPTION_INT, &p->n_threads,
         NULL, 1, 256, NULL},
        {"--steps", NULL, "show each step on stderr", OPTION_FLAG, &p->steps, NULL, 0, 0, NULL},
        {"--ids", NULL, "texts and results are token ids separated by spaces (default: text)", OPTION_FLAG,
         &p->as_ids, NULL, 0, 0, NULL},
    };
    memcpy(out, options, sizeof options);
    return sizeof options / sizeof *options;
}

// What only the combination of options shows to be wrong.
static int check_asked(const Program *p)
{
    static const char *const names[] = {"--top-k", "--top-p", "--min-p"};
    if (p->asked.temperature > 0) return -1;
    for (int i = 0; i < 3; i++)
        if (p->sampling_given[i]) return cli_error(&p->command, "%s needs a --temperature above 0", names[i]);
    if (!p->beam_search && p->asked.num_return_sequences > 1)
        return cli_error(&p->command, "--num-return-sequences above 1 needs a --temperature above 0");
    return -1;
}

// What only the model's stored options show to be wrong.
static int check_resolved(Program *p)
{
    Options *o = &p->options;
    if (o->num_return_sequences == UNSET) o->num_return_sequences = p->beam_search ? o->num_beams : 1;
    if (p->beam_search && o->num_return_sequences > o->num_beams)
        return cli_error(&p->command,
                         "--num-return-sequences: expected at most the number of beams, %d, found %d",
                         o->num_beams, o->num_return_sequences);
    return -1;
}

static void choose_seed(Program *p)
{
    if (p->seed_given || p->options.temperature == 0) return;
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    p->options.seed = (uint64_t)t.tv_sec * 1000003u ^ (uint64_t)t.tv_nsec;
    fprintf(stderr, "note: --seed %" PRIu64 "\n", p->options.seed);
}

static int load(Program *p, const char *directory)
{
    Error error = {0};
    if (!codec_load(&p->codec, &p->model, directory, p->as_ids, &error)) return report(&error);
    int status = -1;
    if (!options_resolve(&p->options, &p->model, &p->asked, true, &error)) status = report(&error);
    if (status < 0) status = check_resolved(p);
    if (status >= 0) {
        model_free(&p->model);
        return status;
    }
    choose_seed(p);
    p->state = state_new(&p->model, p->n_threads);
    return -1;
}

int program_start(Program *p, const char *usage, const char *about, const char *example, const Option *own,
                  int argc, char **argv)
{
    Option options[MOST_OPTIONS] = {{0}};
    int n_words, n = common_options(p, options);
    while (own->name) options[n++] = *own++;
    p->command = (Command){usage, about, example, options, 1, argc};
    p->words = memory_resize(NULL, argc, sizeof *p->words);
    int status = cli_parse(&p->command, argc, argv, p->words, &n_words);
    if (status < 0) status = check_asked(p);
    if (status < 0) status = load(p, p->words[0]);
    p->command.options = NULL; // they end with this function
    p->texts = (Texts){.words = p->words + 1, .n_words = n_words - 1};
    p->one_text = n_words == 2;
    p->stream = p->one_text && !p->steps;
    p->start = seconds_now();
    if (status >= 0) p->words = memory_resize(p->words, 0, 0);
    return status;
}

int program_end(Program *p)
{
    texts_free(&p->texts);
    state_free(&p->state);
    model_free(&p->model);
    memory_resize(p->words, 0, 0);
    return cli_end(p->status);
}

static void bad_line(Program *p, const Text *text, const char *problem)
{
    fprintf(stderr, "error: %s %d: %s\n", text->kind, text->number, problem);
    p->status = 1;
}

bool program_next(Program *p, Line *line)
{
    Text text;
    while (texts_next(&p->texts, &text)) {
        Error error = {0};
        Ids ids;
        *line = (Line){.kind = text.kind, .number = text.number};
        if (text.problem) {
            bad_line(p, &text, text.problem);
            continue;
        }
        if (codec_source(&p->codec, &line->memory, text.text, &ids, &error)) {
            line->input = input_of(&p->model, ids.ids, ids.n);
            options_max_length(&p->options, &p->model, line->input.n_prompt, &line->max_length, &error);
        }
        if (!error.set) {
            if (ids.n_unknown)
                fprintf(stderr, "note: %s %d: %d character%s not in the vocabulary\n", text.kind, text.number,
                        ids.n_unknown, ids.n_unknown == 1 ? " is" : "s are");
            line->text = arena_text(&line->memory, text.text, strlen(text.text));
            p->n_texts++;
            return true;
        }
        bad_line(p, &text, error.message);
        line_free(line);
    }
    return false;
}

void line_free(Line *line) { arena_free(&line->memory); }

void line_out_of_positions(Program *p, const Line *line)
{
    fprintf(stderr, "error: %s %d: the output ends here: all %d positions of the model are used\n",
            line->kind, line->number, p->model.config.max_positions);
    p->status = 1;
}

void print_begin(const Line *line) { printf("%s\t", line->text); }

void print_token(const Program *p, int id, bool *first)
{
    if (!codec_shown(&p->codec, id)) return;
    if (!*first) putchar(' ');
    *first = false;
    if (p->as_ids) printf("%d", id);
    else fputs(tokenizer_token(&p->codec.tokenizer, id), stdout);
    if (p->stream) fflush(stdout);
}

void print_end(Program *p, int n_tokens)
{
    p->n_tokens += n_tokens;
    putchar('\n');
    fflush(stdout);
}

void print_summary(const Program *p)
{
    fprintf(stderr, "%ld text%s, %ld tokens in %.3f s. ", p->n_texts, p->n_texts == 1 ? "" : "s", p->n_tokens,
            seconds_now() - p->start);
}

// ---- stage 03 --------------------------------------------------------------------------------------------------

typedef struct {
    Program *program;
    bool first;
} Printing;

static void show_token(void *user, const Sequence *q)
{
    Printing *printing = user;
    const Program *p = printing->program;
    const int token = q->ids[q->n - 1], produced = q->n - q->n_prompt;
    print_token(p, token, &printing->first);
    if (p->steps) {
        Arena arena = {0};
        fprintf(stderr, "step %d: %d row%s computed, %" PRIu64 " so far: %s\n", produced, q->n - 1,
                q->n == 2 ? "" : "s", p->state.decoder_rows, codec_label(&p->codec, &arena, token));
        arena_free(&arena);
    }
}

static void run_one(Program *p, Line *line, const Encoded *source, int sample)
{
    Sequence q = sequence_new(&line->memory, &p->model, &p->options, &line->input, line->max_length, sample);
    Printing printing = {p, true};
    print_begin(line);
    greedy(&p->state, &p->model, &q, source, show_token, &printing);
    print_end(p, q.n - q.n_prompt);
    if (q.out_of_positions) line_out_of_positions(p, line);
}

int run_without_cache(Program *p)
{
    for (Line line; program_next(p, &line); line_free(&line)) {
        const Encoded source = encode_input(&p->state, &p->model, &line.memory, &line.input);
        for (int sample = 0; sample < p->options.num_return_sequences; sample++)
            run_one(p, &line, &source, sample);
    }
    print_summary(p);
    fprintf(stderr, "Decoder rows computed: %" PRIu64, p->state.decoder_rows);
    if (p->n_texts == 1 && p->model.config.has_encoder && p->options.num_return_sequences == 1)
        fprintf(stderr, " = n (n + 1) / 2 for n = %ld", p->n_tokens);
    fprintf(stderr, ".\n");
    return program_end(p);
}
