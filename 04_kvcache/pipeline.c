// SPDX-License-Identifier: MIT
// pipeline.c -- the queue between reading and printing.
#include "pipeline.h"
#include <limits.h>
#include <stdio.h>

static Item *enqueue(Pipeline *p, Line *line, int sample)
{
    Item *item = arena_alloc(&line->memory, 1, sizeof *item);
    *item = (Item){.line = line, .sample = sample};
    item->job = (Job){.input = line->input, .user = item};
    *(p->oldest ? &p->newest->next : &p->oldest) = item;
    p->newest = item;
    p->stage->start(p, item);
    return item;
}

static Job *next_job(void *user)
{
    Pipeline *p = user;
    if (p->line && p->newest->sample + 1 < p->stage->n_samples)
        return &enqueue(p, p->line, p->newest->sample + 1)->job;
    Line line;
    p->line = NULL;
    if (!program_next(p->program, &line)) return NULL;
    p->line = memory_resize(NULL, 1, sizeof line);
    *p->line = line;
    return &enqueue(p, p->line, 0)->job;
}

// Print from the front of the queue as far as results are known.
static void print_results(Pipeline *p)
{
    for (Item *item; (item = p->oldest);) {
        if (!item->done && !p->program->stream) return;
        p->stage->print(p, item);
        if (!item->done) return;
        p->oldest = item->next;
        if (item->sample + 1 < p->stage->n_samples) continue;
        Line *line = item->line; // the item lies in its memory
        if (p->line == line) p->line = NULL;
        line_free(line);
        memory_resize(line, 0, 0);
    }
}

static void show_progress(const Pipeline *p, bool last)
{
    if (p->program->steps || p->program->one_text || !stderr_is_terminal()) return;
    if (last) fprintf(stderr, "\r\033[K");
    else if (p->n_done % 100 == 0) fprintf(stderr, "\r%ld texts", p->n_done);
}

static void stepped(void *user, Job *job)
{
    Pipeline *p = user;
    Item *item = job->user;
    if (p->program->steps) p->stage->step(p, item);
    if (p->program->stream) print_results(p);
    const int slot = job->place * p->stage->width;
    const size_t self = kvcache_bytes(&p->cache, slot);
    if (self + kvcache_cross_bytes(&p->cache, slot) <= p->largest_self + p->largest_cross) return;
    p->largest_self = self;
    p->largest_cross = kvcache_cross_bytes(&p->cache, slot);
}

static void finished(void *user, Job *job)
{
    Pipeline *p = user;
    Item *item = job->user;
    item->done = true;
    p->n_done++;
    print_results(p);
    show_progress(p, false);
}

void pipeline_run(Pipeline *p, Program *program, const Stage *stage, enum Reorder reorder)
{
    const int limit = program->model.config.max_positions;
    const int n_places = texts_interactive(&program->texts) ? 1 : program->batch_size;
    *p = (Pipeline){.program = program, .stage = stage};
    p->cache =
        kvcache_new(&program->state, &program->model, n_places * stage->width, limit ? limit : INT_MAX);
    p->cache.reorder = reorder;
    const BatchUser user = {next_job, stepped, finished, p};
    batch_run(&program->state, &program->model, &p->cache, stage->width, &user);
    show_progress(p, true);
}

void pipeline_free(Pipeline *p) { kvcache_free(&p->cache); }

void print_step_prefix(const Pipeline *p, const Item *item)
{
    if (!p->program->one_text) fprintf(stderr, "%s: ", item->line->text);
    if (p->stage->n_samples > 1) fprintf(stderr, "sample %d: ", item->sample);
}
