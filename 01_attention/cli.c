// SPDX-License-Identifier: MIT
// cli.c -- one loop over the arguments; help from the same table.
#include "cli.h"
#include "text/utf8.h"
#include "tensor/memory.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined __unix__ || defined __APPLE__
int isatty(int descriptor); // of <unistd.h>
#else
static int isatty(int descriptor) { return descriptor < 0; } // nobody can tell: no
#endif

static void print_help(const Command *c)
{
    printf("usage: %s\n\n%s\n\noptions:\n", c->usage, c->about);
    for (const Option *o = c->options; o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", o->name, o->argument ? o->argument : "");
        printf("  %-32s %s\n", left, o->help);
    }
    printf("  %-32s %s\n\nexample:\n  %s\n", "--help", "print this and stop", c->example);
}

int cli_error(const Command *command, const char *format, ...)
{
    const char *end = strchr(command->usage, ' ');
    va_list arguments;
    va_start(arguments, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (%.*s --help lists the options)\n", (int)(end - command->usage), command->usage);
    return 2;
}

int cli_end(int status)
{
    const bool written = !fflush(stdout) && !ferror(stdout);
    if (written && !ferror(stdin)) return status;
    fprintf(stderr, "error: cannot %s\n", written ? "read standard input" : "write to standard output");
    return 1;
}

static bool parse_number(const Option *o, const char *text)
{
    char *end;
    errno = 0;
    if (isspace((unsigned char)*text)) return false; // which strtod() and strtoull() would skip
    if (o->kind == OPTION_UINT64) {
        unsigned long long number = strtoull(text, &end, 10);
        if (errno || end == text || *end || strchr(text, '-')) return false;
        *(uint64_t *)o->value = number;
        return true;
    }
    double number = strtod(text, &end);
    if (end == text || *end || !(number >= o->least && number <= o->most)) return false;
    if (o->kind == OPTION_REAL) *(double *)o->value = number;
    else {
        if (number != floor(number) || strpbrk(text, ".eExX")) return false;
        *(int *)o->value = (int)number;
    }
    return true;
}

static bool parse_choice(const Option *o, const char *text)
{
    for (int i = 0; o->choices[i]; i++)
        if (!strcmp(o->choices[i], text)) {
            *(int *)o->value = i;
            return true;
        }
    return false;
}

static int wrong_value(const Command *command, const Option *o, const char *text)
{
    char expected[200] = "";
    if (o->kind == OPTION_UINT64) snprintf(expected, sizeof expected, "a whole number from 0");
    else if (o->kind != OPTION_CHOICE) {
        const char *kind = o->kind == OPTION_INT ? "a whole number" : "a number";
        snprintf(expected, sizeof expected, o->most < 1e9 ? "%s from %.10g to %.10g" : "%s from %.10g", kind,
                 o->least, o->most);
    } else
        for (int i = 0; o->choices[i]; i++) {
            size_t n = strlen(expected);
            snprintf(expected + n, sizeof expected - n, "%s%s", i ? ", or " : "", o->choices[i]);
        }
    return cli_error(command, "%s: expected %s, found \"%s\"", o->name, expected, text);
}

static const Option *find_option(const Command *command, const char *name, size_t length)
{
    for (const Option *o = command->options; o->name; o++)
        if (strlen(o->name) == length && !memcmp(o->name, name, length)) return o;
    return NULL;
}

int cli_parse(const Command *command, int argc, char **argv, const char **words, int *n_words)
{
    bool options_end = false;
    *n_words = 0;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (options_end || strncmp(word, "--", 2)) {
            words[(*n_words)++] = word;
            continue;
        }
        if (!word[2]) {
            options_end = true;
            continue;
        }
        if (!strcmp(word, "--help")) return print_help(command), cli_end(0);
        const char *equals = strchr(word, '=');
        const Option *o = find_option(command, word, equals ? (size_t)(equals - word) : strlen(word));
        if (!o) return cli_error(command, "unknown option %s", word);
        if (o->given) *o->given = true;
        if (o->kind == OPTION_FLAG) {
            if (equals) return cli_error(command, "%s takes no value", o->name);
            *(bool *)o->value = true;
            continue;
        }
        if (!equals && ++i == argc)
            return cli_error(command, "%s: expected a value, found the end of the command line", o->name);
        const char *value = equals ? equals + 1 : argv[i];
        if (!(o->kind == OPTION_CHOICE ? parse_choice : parse_number)(o, value))
            return wrong_value(command, o, value);
    }
    if (*n_words < command->least_words)
        return cli_error(command, "too few arguments: usage: %s", command->usage);
    if (*n_words > command->most_words)
        return cli_error(command, "too many arguments: usage: %s", command->usage);
    return -1;
}

// A line of stdin into texts->buffer, without its end; false at the end of the input. A longer line than LONGEST_LINE
// is read to its end, and only its length is kept.
static bool read_line(Texts *texts, size_t *length)
{
    int c;
    *length = 0;
    while ((c = getchar()) != EOF && c != '\n') {
        if (*length <= LONGEST_LINE) texts->buffer[*length] = (char)c;
        (*length)++;
    }
    const bool any = c != EOF || *length;
    if (*length && *length <= LONGEST_LINE + 1 && texts->buffer[*length - 1] == '\r') --*length;
    return any;
}

bool texts_next(Texts *texts, Text *out)
{
    size_t length;
    const bool from_words = texts->n_words > 0;
    if (!texts->buffer) texts->buffer = memory_resize(NULL, LONGEST_LINE + 2, 1);
    if (from_words) {
        if (texts->number == texts->n_words) return false;
        length = strlen(texts->words[texts->number]);
        memcpy(texts->buffer, texts->words[texts->number],
               length < LONGEST_LINE + 1 ? length : LONGEST_LINE + 1);
    } else if (!read_line(texts, &length)) return false;
    *out = (Text){texts->buffer, NULL, from_words ? "text" : "line", ++texts->number};
    if (length > LONGEST_LINE) out->problem = "longer than 65536 bytes";
    else {
        const char *tab = memchr(texts->buffer, '\t', length);
        if (tab) length = tab - texts->buffer;
        if (memchr(texts->buffer, 0, length)) out->problem = "contains a zero byte";
        else if (memchr(texts->buffer, '\n', length)) out->problem = "contains a line break";
        else if (!utf8_valid(texts->buffer, length)) out->problem = "not valid UTF-8";
    }
    texts->buffer[out->problem ? 0 : length] = 0;
    return true;
}

void texts_free(Texts *texts) { texts->buffer = memory_resize(texts->buffer, 0, 0); }

bool texts_interactive(const Texts *texts) { return texts->n_words == 0 && isatty(0); }
bool stderr_is_terminal(void) { return isatty(2); }
