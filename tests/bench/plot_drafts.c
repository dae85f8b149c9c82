// SPDX-License-Identifier: MIT
// plot_drafts.c -- the section "drafts" of the benchmark: speed-up over the number of guesses, for drafts
// that are right with some probabilities and take no time. Beside it what could be reached if more rows cost
// nothing: the expected number of tokens per pass.
#include "plot.h"
#include "axes.h"
#include "measured.h"
#include <math.h>

enum { TOP = 84, PLOT_HEIGHT = 280, BELOW_PLOT = 130, LABELS = 122, N_DRAFTS = 3 };

typedef struct {
    const char *name, *label;
    Series speed_up, expected;
} Draft;

static int highest(const Series *s)
{
    int best = 0;
    for (int i = 1; i < s->n; i++)
        if (s->y[i] > s->y[best]) best = i;
    return best;
}

bool plot_drafts(Sources *sources, Error *error)
{
    const Tsv *table = &sources->records[0].lines;
    const char *model = sources->model ? sources->model : measured_first_model(table);
    Draft drafts[N_DRAFTS] = {
        {.name = "p 0.7", .label = "p = 0.7: %.3g"},
        {.name = "p 0.8", .label = "p = 0.8: %.3g"},
        {.name = "p 0.9", .label = "p = 0.9: %.3g"},
    };
    LabelledLine lines[2 * N_DRAFTS];
    for (int i = 0; i < N_DRAFTS; i++) {
        Draft *d = &drafts[i];
        d->speed_up = measured_series(table, "drafts", model, d->name, "speed-up");
        d->expected = measured_series(table, "drafts", model, d->name, "expected tokens per pass");
        if (d->speed_up.n < 2 || d->expected.n != d->speed_up.n)
            return fail(error, "%s: expected the section drafts of bench, with \"%s\" of \"%s\"",
                        sources->records[0].path, d->name, model);
        lines[2 * i] = (LabelledLine){&d->speed_up, "blue", d->label, true, 0};
        lines[2 * i + 1] = (LabelledLine){&d->expected, "muted dashed", "tokens: %.3g", false, 0};
    }
    const Series *best = &drafts[N_DRAFTS - 1].speed_up, *longest = &drafts[N_DRAFTS - 1].expected;
    const int at = highest(best);
    char title[200];
    snprintf(title, sizeof title,
             "Guesses that are right 9 times out of 10:\n%.1f times faster with %.0f at a time", best->y[at],
             best->x[at]);
    const double top = svg_begin(TOP + PLOT_HEIGHT + BELOW_PLOT, title);
    const Axes axes = {{best->x[0], best->x[best->n - 1], 1, "guesses at a time, K"},
                       {0, ceil(fmax(best->y[at], series_last(longest))), 1, "times faster"},
                       52,
                       SVG_WIDTH - LABELS,
                       top,
                       TOP + PLOT_HEIGHT};
    axes_draw(&axes);
    axes_labelled_lines(&axes, lines, 2 * N_DRAFTS);
    const double below = axes.bottom + 62;
    svg_lines(SVG_MARGIN, below, "muted",
              "p: how often a guess is right. The draft takes no time here.\n"
              "Dashed: tokens per pass, 1 + p + ... + p^K expected. A pass\n"
              "computes 1 + K rows: their cost is what lies between.");
    svg_text(SVG_MARGIN, below + 3 * SVG_LINE, "muted", "%s, threads: %s, model %s",
             measured_remark(table, "cpu"), measured_remark(table, "threads"), model);
    svg_end();
    return true;
}
