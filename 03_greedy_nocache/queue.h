// SPDX-License-Identifier: MIT
// queue.h -- texts come in, results go out, in input order; all that threads share, behind one lock.
//
//   stdin -> queue_next() -> the caller decodes the request -> queue_done() -> stdout
//
// Requests are handed out one by one to whoever asks, may be done in any order, and are printed in that of
// their texts: one that is done waits for those before it. Nobody holds the lock while waiting for input, so
// others can always print. Whatever is printed is printed with the lock held.
//
// A request belongs to the thread that got it until queue_done(). What it points to besides its own memory
// (the model, the options) is only read.
#ifndef QUEUE_H
#define QUEUE_H
#include "progress.h"
#include "request.h"
#include "tensor/workers.h"
#include "text/codec.h"
#include "texts.h"
#include "times.h"

typedef struct Queue {
    const Codec *codec;
    const Options *options;
    int n_samples; // requests per text
    // Print the lines of a request, or with `stream` what is known of it; returns why it ends there.
    Problem (*print)(struct Queue *queue, Request *request);
    bool stream;      // show tokens as they come
    bool on_terminal; // results appear where the progress does
    int n_threads;    // that take requests
    Lock *lock;
    // The rest is read and written with the lock held.
    Texts texts;
    Arena memory;             // of the text that was read last:
    const char *text;         //   as it was read,
    Ids ids;                  //   as ids,
    int max_length;           //   and of the decoder's ids;
    int n_handed_out;         //   requests, of n_samples
    Request *oldest, *newest; // what has been handed out and not been printed
    int n_running;            // requests that are not done
    Progress progress;
    int n_done;            // number of the last text whose results are all printed
    int status;            // to exit with: 1 if a line was bad
    int last_cut;          // number of the last text of which it was said that its output is cut
    int n_waiting;         // threads that wait for input:
    bool is_watched;       //   one of them polls it, the others sleep;
    double all_wait_since; //   since when it is all threads,
    double waited;         //   and for how long it has been, in seconds
    // What was done.
    long n_texts, n_tokens, n_printed; // n_tokens: of results; n_printed: requests
    Times times;                       // sums over threads, as all that follows
    uint64_t decoder_rows, bytes_copied, bytes_shared;
    size_t activations; // bytes
} Queue;

// No texts. Everything printed is one sequence per request: print_sequence().
Queue queue_new(const Codec *codec, const Options *options);
void queue_free(Queue *queue);

// Run a task once in each thread of a team, to take requests until there are no more. What they print is
// whole lines: with several threads `stream` ends.
void queue_share(Queue *queue, Workers *team, Task *task, void *context);

// The next request: another sample of the last text, or the next good text. (Bad ones are reported on
// stderr.) NULL at the end of the input. A caller that has requests of its own, n_running, does not wait for
// input, and gets NULL as well if there is none, or if it has more than its share.
Request *queue_next(Queue *queue, int n_running);
// The request is through. It, and those that have waited for it, are printed and freed.
void queue_done(Queue *queue, Request *request);
// With `stream`: print what is known so far of the oldest request.
void queue_show(Queue *queue);
// A thread is through: add what it has done.
void queue_count(Queue *queue, const State *state, const Times *times);
// For what else is printed, or shared: it is not mixed with that of other threads.
void queue_lock(Queue *queue);
void queue_unlock(Queue *queue);

// What Queue.print consists of.
Problem print_sequence(Queue *queue, Request *request);
void print_text(const Request *request);
void print_ids(const Queue *queue, Request *request, const int *ids, int n); // without the first n_printed
void print_end(Queue *queue, Request *request, const Sequence *output);      // of the line of an output

#endif
