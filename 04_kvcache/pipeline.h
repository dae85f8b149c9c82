// SPDX-License-Identifier: MIT
// pipeline.h -- texts from the input through a batch to the output, in input order.
//
// Texts end in another order than they began, so results wait in a queue until all before them are printed.
// What a stage adds: how a text is searched, and how its result is printed.
#ifndef PIPELINE_H
#define PIPELINE_H
#include "batch.h"
#include "program.h"

// One result on its way: a text, or one of several samples of a text.
typedef struct Item {
    Job job;
    Line *line; // shared by the samples of a text
    int sample;
    void *work;                // the stage's
    bool done;                 // all is known
    bool begun, nothing_shown; // its line has been begun; without a visible token so far
    int n_printed;             // tokens
    struct Item *next;
} Item;

typedef struct Pipeline Pipeline;
typedef struct {
    int width;                              // hypotheses, and so slots of the cache, per item
    int n_samples;                          // items per text
    void (*start)(Pipeline *p, Item *item); // fill job.search and work, in item->line->memory
    void (*print)(Pipeline *p, Item *item); // print what is known and has not been printed; all of it if done
    void (*step)(Pipeline *p, Item *item);  // for --steps: describe the step just done
} Stage;

struct Pipeline {
    Program *program;
    const Stage *stage;
    KVCache cache;
    Item *oldest, *newest; // the queue, in input order
    Line *line;            // of the newest item
    long n_done;
    size_t largest_self, largest_cross; // bytes of the largest text
};

// Run the whole input; cache->reorder as given. Leaves statistics in *p; pipeline_free() afterwards.
void pipeline_run(Pipeline *p, Program *program, const Stage *stage, enum Reorder reorder);
void pipeline_free(Pipeline *p);
// The text as a prefix of its steps, where there is more than one text.
void print_step_prefix(const Pipeline *p, const Item *item);

#endif
