// SPDX-License-Identifier: MIT
// cli.c -- one loop over the arguments, driven by the tables of options that --help prints too.
//
// cli_parse() moves arguments that are not options to the front of argv; read_option() parses one option and
// stores its value through Option.value. Numbers are checked completely: no leading spaces, no trailing
// characters, within the limits of the table.
#include "cli.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, OPTION_COLUMNS = 24 }; // of --help: in all, and for "--name VALUE"

// The words of a text, in lines that begin at column `indent`, where the first one is already.
static void print_wrapped(const char *text, int indent)
{
    int column = indent;
    while (*text) {
        const int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > COLUMNS) {
            printf("\n%*s", indent, "");
            column = indent;
        }
        column += printf("%s%.*s", column > indent ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_option(const char *name, const char *argument, const char *help)
{
    const int length = printf("  %s %s", name, argument ? argument : "");
    printf("%*s", OPTION_COLUMNS + 4 - length, "");
    print_wrapped(help, OPTION_COLUMNS + 4);
}

static void print_help(const Command *c)
{
    printf("usage: %s\n\n", c->usage);
    print_wrapped(c->about, 0);
    printf("\noptions:\n");
    for (int table = 0; c->options[table]; table++)
        for (const Option *o = c->options[table]; o->name; o++) print_option(o->name, o->argument, o->help);
    print_option("--help", NULL, "print this and stop; so does -h");
    print_option("--version", NULL, "print the version and stop");
    printf("\nexample:\n  %s\n", c->example);
}

static int name_length(const Command *c) { return (int)strcspn(c->usage, " "); }

void cli_error(const Command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (%.*s --help lists the options)\n", name_length(command), command->usage);
    exit(2);
}

int cli_end(int status)
{
    if (!fflush(stdout) && !ferror(stdout)) return status;
    fprintf(stderr, "error: cannot write to standard output\n");
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
    if (o->kind == OPTION_TEXT) *(const char **)o->value = value;
    else if (!(o->kind == OPTION_CHOICE ? parse_choice : parse_number)(o, value))
        wrong_value(command, o, value);
    return i;
}

// Whether a word asks for something else than what the program does; this is printed then.
static bool print_answer(const Command *c, const char *word)
{
    if (!strcmp(word, "--help") || !strcmp(word, "-h")) print_help(c);
    else if (!strcmp(word, "--version")) printf("%.*s %s\n", name_length(c), c->usage, PROJECT_VERSION);
    else return false;
    return true;
}

int cli_parse(const Command *command, int argc, char **argv)
{
    bool options_end = false;
    int n = 0;
    for (int i = 1; i < argc; i++) {
        if (!options_end && print_answer(command, argv[i])) exit(cli_end(0));
        if (options_end || strncmp(argv[i], "--", 2)) argv[++n] = argv[i];
        else if (!argv[i][2]) options_end = true;
        else i = read_option(command, argc, argv, i);
    }
    if (n < command->min_words) cli_error(command, "too few arguments: usage: %s", command->usage);
    if (n > command->max_words) cli_error(command, "too many arguments: usage: %s", command->usage);
    return n;
}
