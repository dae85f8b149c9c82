// SPDX-License-Identifier: MIT
// program.h -- what the programs of stages 03, 04 and 05 share: common options, reading requests, printing
// results in input order. stdout is the result and nothing else; everything else goes to stderr.
//
// The loop over requests is each stage's own, in its main.c. Its simplest form:
//   while ((request = program_next(&p, true))) { ...decode it...; request->done = true; print_results(&p); }
#ifndef PROGRAM_H
#define PROGRAM_H
#include "cli.h"
#include "request.h"
#include "text/codec.h"

typedef struct {
    Command command;
    bool beam_search;       // stage 05: no sampling, and a text has one request, which has several results
    Options asked, options; // of the command line; after the stored ones are added
    bool as_ids, steps, seed_given;
    int n_threads;

    Model model;
    Codec codec;
    State state;
    Texts texts;
    bool one_text;            // on the command line
    bool stream;              // show tokens as they come: for one text, unless its steps are shown
    Request *oldest, *newest; // the queue: what has been read and not been printed, in input order
    Request *last_read;       // if another sample of its text comes next, else NULL
    long n_texts, n_tokens, n_printed;
    int status;   // to exit with: 1 if a line was bad
    double start; // when the first text was asked for
} Program;

// Parse the command line, load the model, resolve the options. Set before: usage, about and example of
// p->command, and p->beam_search. own: the table of the stage's own options. An error ends the program.
void program_start(Program *p, const Option *own, int argc, char **argv);
int program_end(Program *p); // free everything; returns the exit status

// The next request, at the end of the queue: another sample of the last text, or the next good text. (Bad
// ones are reported on stderr.) NULL at the end of the input; unless `wait`, also if no line is there yet.
Request *program_next(Program *p, bool wait);

// Print what is known of the requests at the front of the queue; those that are done leave it. For results
// that are one sequence. A stage with other results (05) does the same with the functions below.
void print_results(Program *p);

void print_text(const Request *request);
void print_ids(Program *p, Request *request, const int *ids, int n); // without the first n_printed
void print_end(Program *p, Request *request);
void program_drop_oldest(Program *p, Problem problem); // reports the problem, if it had one

// A line of --steps, on stderr: prefix ("read: sample 1: ", as far as there are several texts or samples),
// step ("step 3: 1 row computed, 3 so far"), what the stage adds, end (": " and the token).
void print_step_prefix(const Program *p, const Request *request);
void print_step(const Request *request, int n_rows, uint64_t n_rows_so_far);
void print_step_end(const Program *p, const Request *request);

double seconds_now(void);
// "3 texts, 25 tokens in 0.010 s. Decoder rows computed: 40" to stderr; the stage finishes the line ...
void print_summary(const Program *p);
void print_rows_formula(const Program *p); // ... without a cache, with " = n (n + 1) / 2"

#endif
