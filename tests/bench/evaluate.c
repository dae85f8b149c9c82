// SPDX-License-Identifier: MIT
// evaluate.c -- how good are the transcriptions? Compares a generating stage's output with the dictionary.
//
//   build/evaluate REFERENCES < OUTPUT
//   REFERENCES  text TAB pronunciation TAB pronunciation ...    a text may have several right pronunciations
//   OUTPUT      text TAB tokens, or text TAB score TAB tokens   the first line of each text counts
//
// Two error rates, in percent:
//   WER  the words (here: texts) whose output equals none of their references, relative to all words
//   PER  the edits (insertions, deletions, substitutions of tokens; Levenshtein 1966) that turn the outputs
//        into their closest references, relative to all tokens of these; of equally close ones the shortest
// Both are computed with stress and without: the digit that ends a vowel ("AE1") is dropped on both sides.
#include "cli.h"
#include "tsv.h"
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *text; // not 0-terminated
    int length;
} Token;

typedef struct {
    Token *tokens; // (n)
    int n;
} Pronunciation;

typedef struct {
    long words, wrong, edits, tokens;
} Errors;

// ---- tokens -----------------------------------------------------------------------------------------------

static int length_without_stress(const char *text, int length)
{
    const bool stressed =
        length > 1 && isalpha((unsigned char)text[0]) && isdigit((unsigned char)text[length - 1]);
    return length - stressed;
}

static Pronunciation split(Arena *arena, const char *text, bool stress)
{
    Pronunciation p = {arena_alloc(arena, strlen(text) / 2 + 1, sizeof *p.tokens), 0};
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        const int length = (int)strcspn(text, " ");
        p.tokens[p.n++] = (Token){text, stress ? length : length_without_stress(text, length)};
        text += length;
    }
    return p;
}

static bool same(const Token *a, const Token *b)
{
    return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

static int smaller(int a, int b) { return a < b ? a : b; }

// The fewest edits between a and b. Row i of a table holds, for each j, those between a's first i and b's
// first j tokens; only one row is kept.
static int edits_between(Arena *arena, const Pronunciation *a, const Pronunciation *b)
{
    int *row = arena_alloc(arena, b->n + 1, sizeof *row);
    for (int j = 0; j <= b->n; j++) row[j] = j;
    for (int i = 1; i <= a->n; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= b->n; j++) {
            const int substituted = diagonal + !same(&a->tokens[i - 1], &b->tokens[j - 1]);
            diagonal = row[j];
            row[j] = smaller(substituted, 1 + smaller(row[j], row[j - 1]));
        }
    }
    return row[b->n];
}

// Add one text: its output, and the references in the fields from 1 of its line.
static void compare(Errors *errors, const char *output, const TsvLine *references, bool stress)
{
    Arena arena = {0};
    const Pronunciation found = split(&arena, output, stress);
    int min_edits = INT_MAX, n_tokens = 0;
    for (int i = 1; i < references->n_fields; i++) {
        const Pronunciation reference = split(&arena, references->fields[i], stress);
        const int edits = edits_between(&arena, &found, &reference);
        if (edits > min_edits || (edits == min_edits && reference.n >= n_tokens)) continue;
        min_edits = edits;
        n_tokens = reference.n;
    }
    errors->words++;
    errors->wrong += min_edits > 0;
    errors->edits += min_edits;
    errors->tokens += n_tokens;
    arena_free(&arena);
}

// ---- outputs by text --------------------------------------------------------------------------------------

static int by_text(const void *a, const void *b)
{
    return strcmp(((const TsvLine *)a)->fields[0], ((const TsvLine *)b)->fields[0]);
}

static int by_text_and_number(const void *a, const void *b)
{
    const int order = by_text(a, b), x = ((const TsvLine *)a)->number, y = ((const TsvLine *)b)->number;
    return order ? order : (x > y) - (x < y);
}

// Sort the lines by text and keep the first of each.
static void keep_first_of_each(Tsv *outputs)
{
    int n = 0;
    qsort(outputs->lines, outputs->n, sizeof *outputs->lines, by_text_and_number);
    for (int i = 0; i < outputs->n; i++)
        if (!n || by_text(&outputs->lines[n - 1], &outputs->lines[i]))
            outputs->lines[n++] = outputs->lines[i];
    outputs->n = n;
}

static const char *find_output(const Tsv *outputs, const TsvLine *reference)
{
    const TsvLine *line = bsearch(reference, outputs->lines, outputs->n, sizeof *line, by_text);
    return line ? line->fields[line->n_fields - 1] : NULL;
}

// ---- checks -----------------------------------------------------------------------------------------------

static bool check_references(const Tsv *references, const char *path, Error *error)
{
    if (!references->n) fail(error, "%s: expected lines, found none", path);
    for (int i = 0; i < references->n; i++) {
        const TsvLine *line = &references->lines[i];
        if (line->n_fields < 2)
            fail(error, "%s:%d: expected a text and at least one pronunciation", path, line->number);
        for (int f = 1; f < line->n_fields; f++)
            if (!line->fields[f][strspn(line->fields[f], " ")])
                fail(error, "%s:%d: pronunciation %d is empty", path, line->number, f);
    }
    return !error->set;
}

static bool check_outputs(const Tsv *outputs, Error *error)
{
    for (int i = 0; i < outputs->n; i++) {
        const TsvLine *line = &outputs->lines[i];
        if (line->n_fields != 2 && line->n_fields != 3)
            fail(error, "stdin:%d: expected 2 fields (text, tokens) or 3 (text, score, tokens), found %d",
                 line->number, line->n_fields);
    }
    return !error->set;
}

// ---- the program ------------------------------------------------------------------------------------------

static bool evaluate(const Tsv *references, const Tsv *outputs, const char *path, Error *error)
{
    Errors with_stress = {0}, without = {0};
    for (int i = 0; i < references->n; i++) {
        const TsvLine *reference = &references->lines[i];
        const char *output = find_output(outputs, reference);
        if (!output)
            return fail(error, "stdin: no line for the text \"%s\" (%s:%d)", reference->fields[0], path,
                        reference->number);
        compare(&with_stress, output, reference, true);
        compare(&without, output, reference, false);
    }
    printf("lines\t%ld\n", with_stress.words);
    printf("WER\t%.2f\n", 100.0 * (double)with_stress.wrong / (double)with_stress.words);
    printf("PER\t%.2f\n", 100.0 * (double)with_stress.edits / (double)with_stress.tokens);
    printf("WER without stress\t%.2f\n", 100.0 * (double)without.wrong / (double)without.words);
    printf("PER without stress\t%.2f\n", 100.0 * (double)without.edits / (double)without.tokens);
    return true;
}

int main(int argc, char **argv)
{
    const Command command = {
        .usage = "evaluate REFERENCES < OUTPUT",
        .about = "Prints the error rates of OUTPUT, the stdout of a generating stage, in percent. "
                 "WER: texts whose output (their first line) equals none of the pronunciations in their line "
                 "of REFERENCES. "
                 "PER: edits per token of the closest.",
        .example = "build/04_kvcache data/marian < data/cmudict-test.tsv |\n"
                   "  build/evaluate data/cmudict-test.tsv",
        .min_words = 1,
        .max_words = 1,
    };
    cli_parse(&command, argc, argv);
    const char *path = argv[1];
    Error error = {0};
    Tsv references = {0}, outputs = {0};
    if (tsv_read_path(&references, path, &error) && check_references(&references, path, &error) &&
        tsv_read(&outputs, stdin, "stdin", &error) && check_outputs(&outputs, &error)) {
        keep_first_of_each(&outputs);
        evaluate(&references, &outputs, path, &error);
    }
    tsv_free(&references);
    tsv_free(&outputs);
    return error.set ? report(&error) : 0;
}
