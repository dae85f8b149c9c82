// SPDX-License-Identifier: MIT
// watch.c -- a trace callback that prints what it gets.
#include "watch.h"
#include <string.h>

static bool begins_with(const char *text, const char *begin) { return !strncmp(text, begin, strlen(begin)); }

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && !strcmp(text + n - n_end, end);
}

// Scores and probabilities: a trace has those of one row, for all heads.
static bool is_of_one_row(const char *name)
{
    return ends_with(name, ".scores") || ends_with(name, ".probabilities");
}

// The names in w->names stand behind a space each.
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

// The tokens that rows belong to; and columns, where they are tokens.
typedef struct {
    const int *rows, *columns;
    int n_columns;
} Labels;

static Labels labels_of(const Watch *w, const char *name)
{
    const bool encoder = begins_with(name, "encoder."), cross = begins_with(name, "decoder.cross_attention.");
    const int *source = w->input.source, *computed = w->ids + w->n_before;
    if (is_of_one_row(name) && (encoder || cross))
        return (Labels){encoder ? source : computed, source, w->input.n_source};
    if (is_of_one_row(name)) return (Labels){computed, w->ids, w->n_before + w->n_rows};
    const bool stored = ends_with(name, ".keys") || ends_with(name, ".values");
    return (Labels){.rows = encoder || (cross && stored) ? source : computed};
}

static void print_label(Watch *w, const char *before, int id)
{
    fprintf(w->out, "%s%s", before, codec_label(w->codec, &w->memory, id));
}

static void print_tensor(void *user, const char *name, int layer, int n_rows, int n_columns,
                         const float *values)
{
    Watch *w = user;
    remember(w, name);
    if (strcmp(name, w->name) || (w->layer >= 0 && layer != w->layer)) return;
    const bool of_one_row = is_of_one_row(name), logits = !strcmp(name, "logits");
    Labels labels = labels_of(w, name);
    if (logits) labels.rows += w->n_rows - n_rows; // those of the last rows
    if (layer != w->last_layer) w->row = 0;
    w->last_layer = layer;
    w->found = true;

    if (!of_one_row || !w->row) {
        fprintf(w->out, "%s", name);
        if (layer || w->layer >= 0) fprintf(w->out, ", layer %d", layer);
        for (int i = 0; i < labels.n_columns; i++) print_label(w, "\t", labels.columns[i]);
        for (int v = 0; logits && v < n_columns; v++) print_label(w, "\t", v);
        fprintf(w->out, "\n");
    }
    for (int i = 0; i < n_rows; i++) {
        print_label(w, "", labels.rows[of_one_row ? w->row : i]);
        if (of_one_row) fprintf(w->out, ", head %d", i);
        for (int k = 0; k < n_columns; k++, values++)
            fprintf(w->out, "\t%.3f", *values < 0 && *values > -0.0005f ? 0 : (double)*values); // no -0.000
        fprintf(w->out, "\n");
    }
    w->row += of_one_row;
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
    w->row = 0;
}

void watch_end(Watch *w, const Command *command)
{
    if (w->name && !w->found)
        cli_error(command, "--trace: expected the name of a tensor, found \"%s\"; there are%s", w->name,
                  w->names ? w->names : " none");
    w->names = memory_resize(w->names, 0, 0);
    arena_free(&w->memory);
}
