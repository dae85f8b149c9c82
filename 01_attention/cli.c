// SPDX-License-Identifier: MIT
// cli.c -- one loop over the arguments, driven by the tables of options that --help prints too.
//
// cli_parse() moves arguments that are not options to the front of argv; read_option() parses one option and
// stores its value through Option.value. Numbers are checked completely: no leading spaces, no trailing
// characters, within the limits of the table.
// Then the texts: one buffer, refilled for each text from an argument or, byte by byte, from stdin.
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
static int isatty(int descriptor) { return descriptor < 0; } // unknown: false for every stream
#endif

static void print_help(const Command *c)
{
    printf("usage: %s\n\n%s\n\noptions:\n", c->usage, c->about);
    for (int table = 0; c->options[table]; table++)
        for (const Option *o = c->options[table]; o->name; o++) {
            char left[64];
            snprintf(left, sizeof left, "%s %s", o->name, o->argument ? o->argument : "");
            printf("  %-32s %s\n", left, o->help);
        }
    printf("  %-32s %s\n\nexample:\n  %s\n", "--help", "print this and stop", c->example);
}

void cli_error(const Command *command, const char *format, ...)
{
    const char *end = strchr(command->usage, ' ');
    va_list arguments;
    va_start(arguments, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (%.*s --help lists the options)\n", (int)(end - command->usage), command->usage);
    exit(2);
}

int cli_end(int status)
{
    const bool written = !fflush(stdout) && !ferror(stdout);
    if (written && !ferror(stdin)) return status;
    fprintf(stderr, "error: cannot %s\n", written ? "read standard input" : "write to standard output");
    return 1;
}

// A number into *o->value, by the kind of option; false if text is not a number or not within the limits.
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
    if (end == text || *end || !(number >= o->min && number <= o->max)) return false;
    if (o->kind == OPTION_REAL) *(double *)o->value = number;
    else {
        if (number != floor(number) || strpbrk(text, ".eExX")) return false;
        *(int *)o->value = (int)number;
    }
    return true;
}

// The index of text among the choices into *o->value; false if it is none of them.
static bool parse_choice(const Option *o, const char *text)
{
    for (int i = 0; o->choices[i]; i++)
        if (!strcmp(o->choices[i], text)) {
            *(int *)o->value = i;
            return true;
        }
    return false;
}

// Report what the option expects: limits above 1e9 mean "no upper limit".
static _Noreturn void wrong_value(const Command *command, const Option *o, const char *text)
{
    char expected[200] = "";
    if (o->kind == OPTION_UINT64) snprintf(expected, sizeof expected, "a whole number from 0");
    else if (o->kind != OPTION_CHOICE) {
        const char *kind = o->kind == OPTION_INT ? "a whole number" : "a number";
        snprintf(expected, sizeof expected, o->max < 1e9 ? "%s from %.10g to %.10g" : "%s from %.10g", kind,
                 o->min, o->max);
    } else
        for (int i = 0; o->choices[i]; i++) {
            size_t n = strlen(expected);
            snprintf(expected + n, sizeof expected - n, "%s%s", i ? ", or " : "", o->choices[i]);
        }
    cli_error(command, "%s: expected %s, found \"%s\"", o->name, expected, text);
}

// `name` is not 0-terminated: it may end at an '='.
static const Option *find_option(const Command *command, const char *name, size_t length)
{
    for (int table = 0; command->options[table]; table++)
        for (const Option *o = command->options[table]; o->name; o++)
            if (strlen(o->name) == length && !memcmp(o->name, name, length)) return o;
    return NULL;
}

// Read the option at argv[i]; returns the index of its last argument: i, or i + 1 if the value follows.
static int read_option(const Command *command, int argc, char **argv, int i)
{
    const char *word = argv[i], *equals = strchr(word, '=');
    const Option *o = find_option(command, word, equals ? (size_t)(equals - word) : strlen(word));
    if (!o) cli_error(command, "unknown option %s", word);
    if (o->given) *o->given = true;
    if (o->kind == OPTION_FLAG) {
        if (equals) cli_error(command, "%s takes no value", o->name);
        *(bool *)o->value = true;
        return i;
    }
    if (!equals && ++i == argc)
        cli_error(command, "%s: expected a value, found the end of the command line", o->name);
    const char *value = equals ? equals + 1 : argv[i];
    if (!(o->kind == OPTION_CHOICE ? parse_choice : parse_number)(o, value)) wrong_value(command, o, value);
    return i;
}

int cli_parse(const Command *command, int argc, char **argv)
{
    bool options_end = false;
    int n = 0;
    for (int i = 1; i < argc; i++) {
        if (options_end || strncmp(argv[i], "--", 2)) argv[++n] = argv[i];
        else if (!argv[i][2]) options_end = true;
        else if (!strcmp(argv[i], "--help")) {
            print_help(command);
            exit(cli_end(0));
        } else i = read_option(command, argc, argv, i);
    }
    if (n < command->min_words) cli_error(command, "too few arguments: usage: %s", command->usage);
    if (n > command->max_words) cli_error(command, "too many arguments: usage: %s", command->usage);
    return n;
}

// Read a line of stdin into texts->buffer, without its LF or CR LF; false at the end of the input. A line
// longer than MAX_LINE is read to its end, but only its length is kept.
static bool read_line(Texts *texts, size_t *length)
{
    int c;
    *length = 0;
    while ((c = getchar()) != EOF && c != '\n') {
        if (*length <= MAX_LINE) texts->buffer[*length] = (char)c;
        (*length)++;
    }
    const bool any = c != EOF || *length;
    if (*length && *length <= MAX_LINE + 1 && texts->buffer[*length - 1] == '\r') --*length;
    return any;
}

// Whatever the source, the same checks follow; a bad text does not end the sequence of texts.
const char *texts_next(Texts *texts, const char **problem)
{
    size_t length;
    const bool from_words = texts->n_words > 0;
    if (!texts->buffer) texts->buffer = memory_resize(NULL, MAX_LINE + 2, 1);
    if (from_words) {
        if (texts->number == texts->n_words) return NULL;
        const char *word = texts->words[texts->number];
        length = strlen(word);
        memcpy(texts->buffer, word, length < MAX_LINE + 1 ? length : MAX_LINE + 1);
    } else if (!read_line(texts, &length)) return NULL;
    texts->kind = from_words ? "text" : "line";
    texts->number++;
    *problem = NULL;
    if (length > MAX_LINE) *problem = "longer than 65536 bytes";
    else {
        const char *tab = memchr(texts->buffer, '\t', length);
        if (tab) length = tab - texts->buffer;
        if (memchr(texts->buffer, 0, length)) *problem = "contains a zero byte";
        else if (memchr(texts->buffer, '\n', length)) *problem = "contains a line break";
        else if (!utf8_valid(texts->buffer, length)) *problem = "not valid UTF-8";
    }
    texts->buffer[*problem ? 0 : length] = 0;
    return texts->buffer;
}

void texts_free(Texts *texts) { texts->buffer = memory_resize(texts->buffer, 0, 0); }

bool texts_interactive(const Texts *texts) { return texts->n_words == 0 && isatty(0); }
bool stderr_is_terminal(void) { return isatty(2); }
