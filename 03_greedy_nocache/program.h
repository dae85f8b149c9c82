// SPDX-License-Identifier: MIT
// program.h -- what the programs of stages 03, 04 and 05 share: from a command line to options and a model,
// and what they say at the end. stdout is the result and nothing else; everything else goes to stderr.
//
// The loop over requests is each stage's own, in its main.c. Its simplest form:
//   while ((request = queue_next(&p.queue, 0))) { ...decode it...; queue_done(&p.queue, request); }
#ifndef PROGRAM_H
#define PROGRAM_H
#include "cli.h"
#include "queue.h"
#include "watch.h"

typedef struct {
    Command command;
    bool beam_search;       // stage 05: no sampling, and a text has one request, which has several results
    Options asked, options; // of the command line; after the stored ones are added
    bool as_ids, steps, verbose, seed_given;
    int n_threads;
    int cache_type; // enum KVType: of the decoder's keys and values
    int plan;       // 04: nothing is decoded, so texts are not read; 0: not so
    bool one_text;  // on the command line
    Watch watch;    // --trace of 03 and 04: what forward passes of `state` print to stderr

    // What follows is ready after program_start(). Threads share it: they read all of it but the queue, which
    // has a lock. `state` is for passes that are divided among all threads; a thread that works by itself has
    // its own.
    Model model;
    Codec codec;
    Queue queue;
    State state;
    double start, loaded; // when the program began, and when it had the model
} Program;

// Parse the command line, load the model, resolve the options. Set before: usage, about and example of
// p->command, and p->beam_search. own: the table of the stage's own options. An error ends the program.
void program_start(Program *p, const Option *own, int argc, char **argv);
// Another state for the model: of a thread that works by itself.
State program_state(const Program *p, int n_threads);
int program_end(Program *p); // free everything; returns the exit status

// A line of --steps, on stderr: prefix ("read: sample 1: ", as far as there are several texts or samples),
// step ("step 3: 1 row computed, 3 so far, 0.046 ms"), what the stage adds, end (": " and the token).
// seconds: of the step; SHARED: of several texts together, so none are said.
enum { SHARED = -1 };
void print_step_prefix(const Program *p, const Request *request);
void print_step(const Request *request, int n_rows, uint64_t n_rows_so_far, double seconds);
void print_step_end(const Program *p, const Request *request);

// A line on stderr: what was done, and where the time went.
void print_summary(Program *p);
// For --verbose: "Decoder rows computed: 40"; the stage ends the line ...
void print_rows(const Program *p);
void print_rows_formula(const Program *p); // ... without a cache, with " = n (n + 1) / 2."

#endif
