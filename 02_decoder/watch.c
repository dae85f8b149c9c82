// SPDX-License-Identifier: MIT
// watch.c -- a trace callback that prints what it gets.
#include "watch.h"
#include <string.h>

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && !strcmp(text + n - n_end, end);
}

static void remember(Watch *w, const char *name)
{
    char item[80];
    snprintf(item, sizeof item, " %s", name);
    const size_t n = w->names ? strlen(w->names) : 0, n_item = strlen(item);
    for (const char *at = w->names; at && (at = strstr(at, item)); at++)
        if (!at[n_item] || at[n_item] == ' ') return;
    w->names = memory_resize(w->names, n + n_item + 1, 1);
    memcpy(w->names + n, item, n_item + 1);
}

// Of ids, or of all tokens of the vocabulary.
static void print_labels(Watch *w, const int *ids, int n)
{
    for (int i = 0; i < n; i++) fprintf(w->out, "\t%s", codec_label(w->codec, &w->memory, ids ? ids[i] : i));
}

static void print_numbers(const Watch *w, const float *values, int n)
{
    for (int i = 0; i < n; i++)
        fprintf(w->out, "\t%.3f", values[i] < 0 && values[i] > -0.0005f ? 0 : (double)values[i]);
    fprintf(w->out, "\n");
}

static void print_tensor(void *user, const char *name, int layer, int n_rows, int n_columns,
                         const float *values)
{
    Watch *w = user;
    remember(w, name);
    if (strcmp(name, w->name) || (w->layer >= 0 && layer != w->layer)) return;
    const bool of_source = !strncmp(name, "encoder.", 8), logits = !strcmp(name, "logits");
    const bool of_query = ends_with(name, ".scores") || ends_with(name, ".probabilities");
    const bool keys_of_source = of_source || !strncmp(name, "decoder.cross_attention.", 24);
    const bool rows_of_source =
        of_source || (keys_of_source && (ends_with(name, ".keys") || ends_with(name, ".values")));
    const int *row_ids = rows_of_source ? w->input.source : w->ids + w->n_before;
    if (logits) row_ids += w->n_rows - n_rows;
    if (layer != w->last_layer) w->query = 0;
    w->last_layer = layer;
    w->found = true;

    if (!of_query || !w->query) {
        fprintf(w->out, "%s", name);
        if (layer || w->layer >= 0) fprintf(w->out, ", layer %d", layer);
        if (logits) print_labels(w, NULL, n_columns);
        else if (of_query && keys_of_source) print_labels(w, w->input.source, w->input.n_source);
        else if (of_query) print_labels(w, w->ids, w->n_before + w->n_rows);
        fprintf(w->out, "\n");
    }
    for (int i = 0; i < n_rows; i++, values += n_columns) {
        fprintf(w->out, "%s", codec_label(w->codec, &w->memory, row_ids[of_query ? w->query : i]));
        if (of_query) fprintf(w->out, ", head %d", i);
        print_numbers(w, values, n_columns);
    }
    w->query += of_query;
}

void watch_begin(Watch *w, State *state)
{
    if (!w->name) return;
    state->trace = print_tensor;
    state->trace_user = w;
}

void watch_rows(Watch *w, const int *ids, int n, int n_before)
{
    w->ids = ids;
    w->n_before = n_before;
    w->n_rows = n - n_before;
    w->query = 0;
}

void watch_end(Watch *w, const Command *command)
{
    if (w->name && !w->found)
        cli_error(command, "--trace: expected the name of a tensor, found \"%s\"; there are%s", w->name,
                  w->names ? w->names : " none");
    w->names = memory_resize(w->names, 0, 0);
    arena_free(&w->memory);
}
