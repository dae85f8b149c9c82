// SPDX-License-Identifier: MIT
// queue.c -- from texts to requests, and from results to lines.
#include "queue.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { MAX_BAD_LINES = 64 }; // that a thread reads while the others wait for the lock

Queue queue_new(const Codec *codec, const Options *options)
{
    return (Queue){
        .codec = codec, .options = options, .print = print_sequence, .n_threads = 1, .lock = lock_new()};
}

void queue_free(Queue *q)
{
    assert(!q->oldest); // no text vanishes
    texts_free(&q->texts);
    arena_free(&q->memory);
    lock_free(q->lock);
}

void queue_lock(Queue *q) { lock_take(q->lock); }
void queue_unlock(Queue *q) { lock_release(q->lock); }

void queue_share(Queue *q, Workers *team, Task *task, void *context)
{
    q->n_threads = workers_count(team);
    q->stream = q->stream && q->n_threads == 1; // another thread's tokens are not looked at
    workers_run(team, q->n_threads, task, context);
}

// ---- in ---------------------------------------------------------------------------------------------------

// A message follows on stderr: behind the results so far, and not in the line of the progress.
static void begin_message(Queue *q)
{
    fflush(stdout);
    progress_hide(&q->progress);
}

static bool encode_text(Queue *q, const char *text, Error *error)
{
    const char *note;
    arena_reset(&q->memory);
    if (!codec_source(q->codec, &q->memory, text, &q->ids, &note, error)) return false;
    const Input input = input_of(q->codec->model, q->ids.ids, q->ids.n);
    if (!options_max_length(q->options, input.n_prompt, &q->max_length, error)) return false;
    if (note) {
        begin_message(q);
        fprintf(stderr, "note: %s %d: %s\n", q->texts.kind, q->texts.number, note);
    }
    q->text = arena_text(&q->memory, text, strlen(text));
    return true;
}

// False at the end of the input, and if the next good line is not there yet.
static bool read_text(Queue *q)
{
    const char *text, *problem;
    for (int n_bad = 0; n_bad < MAX_BAD_LINES && (text = texts_next(&q->texts, &problem)); n_bad++) {
        Error error = {0};
        if (problem ? fail(&error, "%s", problem) : encode_text(q, text, &error)) {
            q->n_texts++;
            q->n_handed_out = 0;
            return true;
        }
        begin_message(q);
        fprintf(stderr, "error: %s %d: %s\n", q->texts.kind, q->texts.number, error.message);
        q->status = 1;
    }
    return false;
}

// A request of the last text, with copies of what was read: others may still be needed when it is freed.
static Request *request_new(Queue *q)
{
    Arena memory = {0};
    Request *r = arena_alloc(&memory, 1, sizeof *r);
    int *ids = arena_alloc(&memory, q->ids.n, sizeof *ids);
    memcpy(ids, q->ids.ids, q->ids.n * sizeof *ids);
    *r = (Request){.kind = q->texts.kind,
                   .number = q->texts.number,
                   .text = arena_text(&memory, q->text, strlen(q->text)),
                   .input = input_of(q->codec->model, ids, q->ids.n),
                   .max_length = q->max_length,
                   .sample = q->n_handed_out++};
    r->memory = memory;
    return r;
}

static Request *hand_out(Queue *q)
{
    const bool more_samples = q->text && q->n_handed_out < q->n_samples;
    if (!more_samples && !read_text(q)) return NULL;
    Request *r = request_new(q);
    *(q->oldest ? &q->newest->next : &q->oldest) = r;
    q->newest = r;
    q->n_running++;
    return r;
}

// One thread watches the input, the others sleep until it wakes them. The lock is held before and after.
static void wait_for_input(Queue *q)
{
    if (++q->n_waiting == q->n_threads) q->all_wait_since = seconds_now();
    if (q->is_watched) lock_sleep(q->lock);
    else {
        q->is_watched = true;
        queue_unlock(q);
        texts_wait();
        queue_lock(q);
        q->is_watched = false;
        lock_wake_all(q->lock);
    }
    if (q->n_waiting-- == q->n_threads) q->waited += seconds_now() - q->all_wait_since;
}

// Whether a thread may have another request. Few texts are spread over all threads: nobody who has more than
// the mean of those at work gets more. And who watches the input shall see what comes.
static bool may_have(const Queue *q, int n_running)
{
    if (n_running && q->is_watched && !texts_buffered(&q->texts)) return false;
    return (long long)n_running * (q->n_threads - q->n_waiting) <= q->n_running;
}

Request *queue_next(Queue *q, int n_running)
{
    for (;;) {
        queue_lock(q);
        Request *r = may_have(q, n_running) ? hand_out(q) : NULL;
        const bool again = !r && !n_running && !texts_ended(&q->texts);
        if (again && !texts_buffered(&q->texts)) wait_for_input(q);
        queue_unlock(q);
        if (!again) return r;
    }
}

// ---- out --------------------------------------------------------------------------------------------------

static void report_problem(Queue *q, const Request *r, Problem problem)
{
    const char *what = r->n_lines ? "the output ends here" : "no result";
    begin_message(q);
    fprintf(stderr, "error: %s %d: %s: ", r->kind, r->number, what);
    switch (problem) {
    case NO_PROBLEM: break;
    case OUT_OF_POSITIONS:
        fprintf(stderr, "all %d positions of the model are used\n", q->options->max_positions);
        break;
    case ALL_BANNED: fprintf(stderr, "no token has a finite probability: all are banned\n"); break;
    case NOT_FINITE:
        fprintf(stderr, "no token has a finite probability: the model's logits are not finite\n");
        break;
    }
    q->status = 1;
}

// Once for all samples of a text; and not for a model that has no end token, as that has been said.
static void note_cut(Queue *q, const Request *r)
{
    if (!q->options->special->eos.n || r->number == q->last_cut) return;
    q->last_cut = r->number;
    begin_message(q);
    const int limit = r->max_length - r->input.n_prompt;
    fprintf(stderr, "note: %s %d: the output is cut at the limit of %d token%s (--max-new-tokens)\n", r->kind,
            r->number, limit, limit == 1 ? "" : "s");
}

static void print_oldest(Queue *q)
{
    Request *r = q->oldest;
    const Problem problem = q->print(q, r);
    if (!r->done) return;
    assert(r->n_lines || problem); // no text vanishes
    if (problem) report_problem(q, r, problem);
    else if (r->is_cut) note_cut(q, r);
    q->oldest = r->next;
    q->n_printed++;
    q->n_done = r->number - (r->sample + 1 < q->n_samples);
    Arena memory = r->memory; // which r is in
    arena_free(&memory);
}

void queue_done(Queue *q, Request *r)
{
    queue_lock(q);
    r->done = true;
    q->n_running--;
    if (q->on_terminal && q->oldest->done) progress_hide(&q->progress);
    while (q->oldest && q->oldest->done) print_oldest(q);
    fflush(stdout);
    progress_show(&q->progress, q->n_done);
    queue_unlock(q);
}

void queue_show(Queue *q)
{
    queue_lock(q);
    if (q->stream && q->oldest) print_oldest(q);
    fflush(stdout);
    queue_unlock(q);
}

void queue_count(Queue *q, const State *s, const Times *times)
{
    queue_lock(q);
    q->decoder_rows += s->decoder_rows;
    q->bytes_copied += s->pool.bytes_copied;
    q->bytes_shared += s->pool.bytes_shared;
    q->activations += arena_bytes(&s->scratch);
    q->times.source += times->source;
    q->times.decoding += times->decoding;
    queue_unlock(q);
}

// ---- lines ------------------------------------------------------------------------------------------------

void print_text(const Request *r) { printf("%s\t", r->text); }

void print_ids(const Queue *q, Request *r, const int *ids, int n)
{
    for (; r->n_printed < n; r->n_printed++) {
        const int id = ids[r->n_printed];
        if (!codec_shown(q->codec, id)) continue;
        if (r->n_shown++) putchar(' ');
        if (q->codec->as_ids) printf("%d", id);
        else fputs(tokenizer_token(&q->codec->tokenizer, id), stdout);
    }
}

void print_end(Queue *q, Request *r, const Sequence *output)
{
    r->is_cut = r->is_cut || sequence_is_cut(output);
    q->n_tokens += r->n_printed;
    r->n_printed = r->n_shown = 0;
    r->n_lines++;
    putchar('\n');
}

Problem print_sequence(Queue *q, Request *r)
{
    const Sequence *s = &r->sequence;
    const int n = s->n - s->n_prompt; // 0: no token at all was possible
    if (n && !r->n_printed) print_text(r);
    print_ids(q, r, s->ids + s->n_prompt, n);
    if (n && r->done) print_end(q, r, s);
    return s->problem;
}
