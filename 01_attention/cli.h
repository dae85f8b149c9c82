// SPDX-License-Identifier: MIT
// cli.h -- the command line. A program declares its options as a table; the arguments are read by it, and
// --help is printed from it. Also (from stage 03) the texts to work on, from arguments or from stdin.
//
// Syntax: MODEL, texts and options in any order; an option is "--name value" or "--name=value", where the
// value may begin with '-'; "--" ends the options. Every program has --help (-h) and --version.
// A wrong command line is reported on stderr with a hint to --help, and ends the program with status 2.
#ifndef CLI_H
#define CLI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { OPTION_FLAG, OPTION_INT, OPTION_UINT64, OPTION_REAL, OPTION_CHOICE, OPTION_TEXT } OptionKind;

typedef struct {
    OptionKind kind;
    const char *name;     // "--head"
    const char *argument; // name of its value in the help: "H"; NULL for a flag
    void *value;     // by kind a bool, int, uint64_t, double, int (index of the choice), or const char *;
                     // set if given
    double min, max; // limits of an OPTION_INT or OPTION_REAL
    const char *const *choices; // of an OPTION_CHOICE, NULL-terminated
    bool *given;                // set to true if the option is on the command line; may be NULL
    const char *help;           // with the default
} Option;

// The rows of a table of options, which ends with OPT_END. OPT_TEXT is used from stage 02 on, OPT_REAL and
// OPT_UINT64 from stage 03 on, OPT_CHOICE in stage 05.
//
// clang-format off
#define OPT_FLAG(name, value, help) \
    {OPTION_FLAG, name, NULL, value, 0, 0, NULL, NULL, help}
#define OPT_INT(name, argument, value, min, max, help) \
    {OPTION_INT, name, argument, value, min, max, NULL, NULL, help}
#define OPT_REAL(name, argument, value, min, max, help) \
    {OPTION_REAL, name, argument, value, min, max, NULL, NULL, help}
#define OPT_UINT64(name, argument, value, given, help) \
    {OPTION_UINT64, name, argument, value, 0, 0, NULL, given, help}
#define OPT_CHOICE(name, argument, value, choices, help) \
    {OPTION_CHOICE, name, argument, value, 0, 0, choices, NULL, help}
#define OPT_TEXT(name, argument, value, help) \
    {OPTION_TEXT, name, argument, value, 0, 0, NULL, NULL, help}
#define OPT_END {.name = NULL}
// clang-format on

enum { MAX_TABLES = 3 };

typedef struct {
    const char *usage;                     // "01_attention MODEL TEXT [options]"
    const char *about;                     // (this and the help of options are broken into lines by cli.c)
    const char *example;                   // a command line that works in a fresh clone
    int min_words, max_words;              // number of arguments that are not options
    const Option *options[MAX_TABLES + 1]; // tables in the order of the help, NULL-terminated
} Command;

// Read the values of the options. The other arguments are moved to argv[1] .. argv[n]; returns n.
// Ends the program after --help, -h or --version (status 0) and on an error (status 2).
int cli_parse(const Command *command, int argc, char **argv);

// For a value or a combination of options that cli_parse() cannot know to be wrong: prints a message in the
// same form and ends the program with status 2.
_Noreturn void cli_error(const Command *command, const char *format, ...);

// To be called at the end of main(): flushes stdout and returns the exit status. This is `status`, or 1 (with
// a message) if writing stdout has failed, for example on a full disk.
int cli_end(int status);

// ---- texts (from stage 03 on) -------------------------------------------------------------------------

enum { MAX_TEXT = 1 << 16 }; // limit of a text in bytes

// Whether it can be seen that a line has not been written yet; for the help of stages 04 and 05.
#if defined __unix__ || defined __APPLE__
#define HAVE_POLL
#define WAITING "nothing waits for a full batch"
#else
#define WAITING "lines wait until there are so many, or no more"
#endif

// The arguments of a command line (if n_words > 0) or else the lines of stdin, in order. A byte order mark at
// the beginning of stdin is no text.
typedef struct {
    char *const *words;
    int n_words;
    const char *kind; // for messages about the last text: "text" or "line",
    int number;       // and its number, from 1
    bool failed;      // stdin could not be read to its end
    // The rest is for cli.c.
    char *text;      // (MAX_KEPT + 1) the last text, or what has been read of the next
    size_t length;   // its bytes, even if they are too many
    bool behind_tab; // the rest of the line is no text
    char *input;     // bytes from `at` to `end` have been read from stdin and not been looked at
    size_t at, end;
    bool ended; // no more can be read
} Texts;

// The next text up to its first TAB, valid until the next call. NULL after the last (texts_ended()), and
// where the next line of stdin has not been written to its end yet. *problem is NULL, or says what is wrong
// with the text (too long, not UTF-8, ...), which is then "".
const char *texts_next(Texts *texts, const char **problem);
bool texts_ended(const Texts *texts);    // after a NULL: no text will follow
bool texts_buffered(const Texts *texts); // else: the next call need not read stdin first
void texts_wait(void);                   // until more of stdin, or its end, can be read
void texts_free(Texts *texts);
// Before the first: how many there will be, with those that have a problem; 0 if that cannot be known, as
// stdin is no file.
long texts_count(const Texts *texts);
bool is_terminal(int stream); // 0, 1, 2: stdin, stdout, stderr. False where that cannot be known

#endif
