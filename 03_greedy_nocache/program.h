// SPDX-License-Identifier: MIT
// program.h -- what the three generating programs (03, 04, 05) have in common: their options, reading texts, printing
// results. stdout is the result and nothing else; everything else goes to stderr.
#ifndef PROGRAM_H
#define PROGRAM_H
#include "cli.h"
#include "text/codec.h"
#include "greedy.h"

typedef struct {
    Command command;
    Options asked, options; // of the command line; after the stored ones are added
    bool beam_search;       // stage 05
    bool as_ids, steps;
    int batch_size, n_threads;
    bool sampling_given[3], seed_given; // --top-k, --top-p, --min-p; --seed

    Model model;
    Codec codec;
    State state;
    Texts texts;
    const char **words;
    bool one_text; // on the command line
    bool stream;   // show tokens as they come: for one text, unless its steps are shown
    int status;    // to exit with: 1 if a line was bad
    long n_texts, n_tokens;
    double start; // when the first text was asked for
} Program;

// The texts of options that a stage adds to the common ones.
void sampling_options(Program *p, Option out[6]); // the sixth ends the list

// Parse the command line (own: the stage's options, ended by one without a name) and load the model. Returns -1 to go
// on with *p, or the status to exit with.
int program_start(Program *p, const char *usage, const char *about, const char *example, const Option *own,
                  int argc, char **argv);
int program_end(Program *p); // free everything; returns the exit status

// A text of the input. Its memory lasts until line_free().
typedef struct {
    const char *kind; // "line" or "text", and its number from 1
    int number;
    const char *text;
    Input input;
    int max_length;
    Arena memory;
} Line;
// The next good text; bad ones are reported on stderr. False at the end of the input.
bool program_next(Program *p, Line *line);
void line_free(Line *line);
void line_out_of_positions(Program *p, const Line *line); // report that its output had to stop

// A result: print_begin, print_token for each, print_end.
void print_begin(const Line *line);
void print_token(const Program *p, int id, bool *first); // *first: true before the first one
void print_end(Program *p, int n_tokens);

double seconds_now(void);
// "3 texts, 25 tokens in 0.010 s. " to stderr; the stage finishes the line.
void print_summary(const Program *p);
// Stage 03 as a function: every text of the input, greedily or sampled, without a cache.
int run_without_cache(Program *p);

#endif
