// SPDX-License-Identifier: MIT
// cli.h -- the command line. A program declares its options as a table; the arguments are read by it, and
// --help is printed from it.
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

// The rows of a table of options, which ends with OPT_END. OPT_TEXT and OPT_CHOICE are used from stage 02
// on, OPT_REAL and OPT_UINT64 from stage 03 on.
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

#endif
