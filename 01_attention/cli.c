// SPDX-License-Identifier: MIT
// cli.c -- one loop over the arguments, driven by the tables of options that --help prints too.
//
// cli_parse() moves arguments that are not options to the front of argv; read_option() parses one option and
// stores its value through Option.value. Numbers are checked completely: no leading spaces, no trailing
// characters, within the limits of the table.
// Then the texts: those of stdin are read past stdio, which cannot tell whether a line is there.
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
#ifdef HAVE_POLL
#include <poll.h>
#include <unistd.h>
#endif

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

// ---- texts ------------------------------------------------------------------------------------------------

enum { INPUT = 1 << 16 }; // bytes read at a time

#ifdef HAVE_POLL
bool is_terminal(int stream) { return isatty(stream); }

// Whether reading would not wait, at once (0 milliseconds) or after waiting for that (-1). At the end of the
// input it does not.
static bool input_ready(int milliseconds)
{
    struct pollfd standard_input = {.events = POLLIN};
    return poll(&standard_input, 1, milliseconds) > 0;
}

// Read what is there, at least one byte; 0 at the end, or with *failed.
static size_t read_input(char *out, bool *failed)
{
    for (;;) {
        const ssize_t n = read(0, out, INPUT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN && input_ready(-1)) continue;
        *failed = n < 0;
        return n < 0 ? 0 : (size_t)n;
    }
}

// Lines between where stdin is, and is again afterwards, and its end. What is no file has no such places.
static long count_lines(void)
{
    const long long begin = lseek(0, 0, SEEK_CUR), end = lseek(0, 0, SEEK_END);
    char input[INPUT], last = '\n';
    bool failed;
    long n_lines = 0;
    lseek(0, begin, SEEK_SET);
    for (long long at = begin; at < end;) {
        const size_t n = read_input(input, &failed);
        if (!n) break;
        for (size_t i = 0; i < n; i++) n_lines += input[i] == '\n';
        last = input[n - 1];
        at += (long long)n;
    }
    lseek(0, begin, SEEK_SET);
    return n_lines + (last != '\n');
}
#else
bool is_terminal(int stream) { return (void)stream, false; }
static long count_lines(void) { return 0; }
static bool input_ready(int milliseconds) { return milliseconds <= 0; }
static size_t read_input(char *out, bool *failed)
{
    const int c = getchar();
    *out = (char)c;
    *failed = ferror(stdin);
    return c != EOF;
}
#endif

enum { MAX_KEPT = 3 + MAX_TEXT + 1 }; // of a line: a byte order mark, a text, a CR

// Go on with the line that has been begun; true at its end. What does not fit is counted, but not kept.
static bool read_to_line_end(Texts *t)
{
    while (t->at < t->end) {
        const char c = t->input[t->at++];
        if (c == '\n') return true;
        t->behind_tab = t->behind_tab || c == '\t';
        if (t->behind_tab) continue;
        if (t->length < MAX_KEPT) t->text[t->length] = c;
        t->length++;
    }
    return false;
}

// A line of stdin into t->text, without its LF or CR LF. False at the end of the input, or if the line is not
// there yet; then the next call goes on with it. A line without an end that is written as fast as it is read
// keeps nobody in here for ever.
static bool read_line(Texts *t)
{
    size_t n_read = 0;
    if (!t->input) t->input = memory_resize(NULL, INPUT, 1);
    while (!read_to_line_end(t) && !t->ended) {
        if (n_read >= INPUT || !input_ready(0)) return false;
        t->at = 0;
        n_read += t->end = read_input(t->input, &t->failed);
        t->ended = !t->end;
    }
    if (!t->number && t->length >= 3 && !memcmp(t->text, "\xEF\xBB\xBF", 3)) {
        memmove(t->text, t->text + 3, MAX_KEPT - 3);
        t->length -= 3;
    }
    // The last line may have no LF; but before an error it is not known whether that is all of the line.
    if (t->ended && (t->failed || (!t->length && !t->behind_tab))) return false;
    const bool cr =
        !t->behind_tab && t->length && t->length <= MAX_TEXT + 1 && t->text[t->length - 1] == '\r';
    t->length -= cr;
    return true;
}

static void copy_word(Texts *t, const char *word)
{
    t->length = strcspn(word, "\t");
    memcpy(t->text, word, t->length < MAX_TEXT + 1 ? t->length : MAX_TEXT + 1);
}

// Whatever the source, the same checks follow; a bad text does not end the sequence of texts.
const char *texts_next(Texts *t, const char **problem)
{
    const bool from_words = t->n_words > 0;
    if (!t->text) t->text = memory_resize(NULL, MAX_KEPT + 1, 1);
    if (from_words && t->number == t->n_words) return NULL;
    if (from_words) copy_word(t, t->words[t->number]);
    else if (!read_line(t)) return NULL;
    t->kind = from_words ? "text" : "line";
    t->number++;
    const size_t length = t->length;
    t->length = 0; // of the next line
    t->behind_tab = false;
    *problem = NULL;
    if (length > MAX_TEXT) *problem = "longer than 65536 bytes";
    else if (memchr(t->text, 0, length)) *problem = "contains a zero byte";
    else if (memchr(t->text, '\n', length)) *problem = "contains a line break";
    else if (!utf8_valid(t->text, length)) *problem = "not valid UTF-8";
    t->text[*problem ? 0 : length] = 0;
    return t->text;
}

long texts_count(const Texts *t) { return t->n_words ? t->n_words : count_lines(); }
bool texts_ended(const Texts *t) { return t->n_words ? t->number == t->n_words : t->ended; }
bool texts_buffered(const Texts *t) { return t->n_words ? t->number < t->n_words : t->at < t->end; }
void texts_wait(void) { input_ready(-1); }

void texts_free(Texts *t)
{
    t->text = memory_resize(t->text, 0, 0);
    t->input = memory_resize(t->input, 0, 0);
}
