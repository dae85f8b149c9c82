// SPDX-License-Identifier: MIT
// cli.h -- command lines: options declared as a table, help printed from it, and texts from arguments or stdin.
//
// Options may stand anywhere, as "--name value" or "--name=value"; a value may begin with '-'; "--" ends them.
// A wrong command line is an error with exit status 2 and a hint to --help.
#ifndef CLI_H
#define CLI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { OPTION_FLAG, OPTION_INT, OPTION_UINT64, OPTION_REAL, OPTION_CHOICE } OptionKind;

typedef struct {
    const char *name;     // "--head"
    const char *argument; // how help calls its value: "H"; NULL for a flag
    const char *help;     // one line, with the default
    OptionKind kind;
    void *value;        // where it goes: bool, int, uint64_t, double, or int (the number of the choice)
    bool *given;        // set if the option was on the command line; may be NULL
    double least, most; // of an OPTION_INT or OPTION_REAL
    const char *const *choices; // of an OPTION_CHOICE, NULL-terminated
} Option;

typedef struct {
    const char *usage;           // "01_attention MODEL TEXT [options]"
    const char *about;           // one or more lines
    const char *example;         // a command line that works in a fresh clone
    const Option *options;       // ended by one without a name
    int least_words, most_words; // arguments that are not options
} Command;

// Reads the command line into the options' values; the other arguments go to words (argc), *n_words of them.
// Returns -1 to go on, or the status to exit with: 0 after --help, 2 after an error.
int cli_parse(const Command *command, int argc, char **argv, const char **words, int *n_words);

// A wrong value that only the model shows to be wrong: prints the message as cli_parse() does; returns 2.
int cli_error(const Command *command, const char *format, ...);

// At the end of a program: the status to exit with, which is `status` unless stdin could not be read, or stdout not be
// written, to its end (a full disk): then a message and 1.
int cli_end(int status);

// ---- texts ---------------------------------------------------------------------------------------------------

enum { LONGEST_LINE = 1 << 16 }; // bytes

typedef struct {
    char *text;          // 0-terminated, up to its first TAB; "" if there is a problem
    const char *problem; // NULL, or what is wrong with the line
    const char *kind;    // "line" or "text", and its number from 1: for messages
    int number;
} Text;

// From words (if n_words > 0) or the lines of stdin, in order.
typedef struct {
    const char *const *words;
    int n_words, number;
    char *buffer; // of the current text
} Texts;

bool texts_next(Texts *texts, Text *out); // false at the end; out is valid until the next call
void texts_free(Texts *texts);
bool texts_interactive(const Texts *texts); // from a terminal, as far as that can be known
bool stderr_is_terminal(void);              // then progress may be shown

#endif
