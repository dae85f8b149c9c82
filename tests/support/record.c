// SPDX-License-Identifier: MIT
// record.c -- lines as 03_greedy_nocache, 04_kvcache and 05_beam print them with --steps.
#include "record.h"
#include <stdlib.h>
#include <string.h>

bool record_read(Record *record, const char *path, Error *error)
{
    record->path = path;
    return tsv_read_path(&record->lines, path, error);
}

void record_free(Record *record) { tsv_free(&record->lines); }

const char *record_where(const Record *record)
{
    const char *first = record->lines.n ? record->lines.lines[0].fields[0] : "";
    return strncmp(first, "# ", 2) ? "" : first + 2;
}

static const char *text_of(const Record *record, int i) { return record->lines.lines[i].fields[0]; }

// ---- 03 and 04 --------------------------------------------------------------------------------------------

static bool read_step(Step *step, int number, const char *line)
{
    int n, at = 0, more = 0;
    *step = (Step){0};
    if (sscanf(line, "step %d: %d row%*[^,], %*d so far, %lf ms%n", &n, &step->n_rows, &step->ms, &at) < 3 ||
        !at || n != number)
        return false;
    if (sscanf(line + at, "; %d position%*[^,], %d bytes%n", &step->n_held, &step->n_bytes, &more) < 2)
        more = 0;
    step->token = line + at + more + strlen(": ");
    return !strncmp(line + at + more, ": ", 2);
}

bool record_steps(Steps *steps, Record *record, Error *error)
{
    *steps = (Steps){arena_alloc(&record->lines.memory, record->lines.n, sizeof *steps->steps), 0};
    for (int i = 0; i < record->lines.n; i++)
        if (read_step(&steps->steps[steps->n], steps->n + 1, text_of(record, i))) steps->n++;
    return steps->n ||
           fail(error, "%s: expected the --steps of 03_greedy_nocache or 04_kvcache", record->path);
}

// ---- 05 ---------------------------------------------------------------------------------------------------

// Behind "blocks": " 2 1*: "; the star is not kept.
static const char *read_references(Hypothesis *h, const char *text)
{
    while (*text == ' ' && h->n_blocks < MAX_BLOCKS) {
        char *end;
        h->references[h->n_blocks++] = (int)strtol(text, &end, 10);
        text = end + (*end == '*');
    }
    return text;
}

static bool read_hypothesis(Hypothesis *h, const char *line)
{
    int at = 0;
    *h = (Hypothesis){.beam = FINISHED};
    if (sscanf(line, "step %d, finished: score %lf%n", &h->step, &h->sum, &at) >= 2 && at) line += at;
    else if (sscanf(line, "step %d, beam %d: from beam %d, sum %lf, blocks%n", &h->step, &h->beam, &h->parent,
                    &h->sum, &at) >= 4 &&
             at)
        line = read_references(h, line + at);
    else return false;
    if (strncmp(line, ": ", 2)) return false;
    h->tokens = line + 2;
    h->token = strrchr(line, ' ') + 1;
    return true;
}

// The hypothesis of the step before whose tokens are all but the last.
static bool find_parent(Hypothesis *h, const Hypotheses *all)
{
    const size_t length = (size_t)(h->token - h->tokens);
    for (int i = 0; i < all->n; i++) {
        const Hypothesis *p = &all->lines[i];
        if (p->step != h->step - 1 || p->beam == FINISHED) continue;
        if (strlen(p->tokens) + 1 != length || strncmp(p->tokens, h->tokens, length - 1)) continue;
        h->parent = p->beam;
        return true;
    }
    return h->step == 1;
}

bool record_hypotheses(Hypotheses *all, Record *record, Error *error)
{
    *all = (Hypotheses){arena_alloc(&record->lines.memory, record->lines.n, sizeof *all->lines), 0};
    for (int i = 0; i < record->lines.n; i++) {
        Hypothesis *h = &all->lines[all->n];
        if (!read_hypothesis(h, text_of(record, i))) continue;
        if (h->beam == FINISHED && !find_parent(h, all))
            return fail(error, "%s:%d: what finished did not run before", record->path, i + 1);
        all->n++;
    }
    return all->n || fail(error, "%s: expected the --steps of 05_beam", record->path);
}
