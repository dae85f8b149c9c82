// SPDX-License-Identifier: MIT
// draw_rows.c -- which rows each step computes: all so far (a triangle), or the new one (a diagonal).
#include "draw.h"

enum { MAX_STEPS = 16, LABEL = 40, HEADER = 54, BELOW = 60 };

// Steps from top to bottom, each beside its token; positions from left to right.
static void draw_panel(double x, double y, const Steps *steps, const char *computed)
{
    const double cell = (double)(PANEL_WIDTH - LABEL) / steps->n;
    for (int i = 0; i < steps->n; i++) {
        const Step *s = &steps->steps[i];
        const int n_kept = i + 1 - s->n_rows;
        svg_text(x + LABEL - 6, y + i * cell + cell / 2 + 5, "end", "%s", s->token);
        for (int k = 0; k <= i; k++)
            svg_rect(x + LABEL + k * cell, y + i * cell, cell - 1.5, cell - 1.5,
                     k < n_kept ? "blue faint" : computed);
        if (i == 0 || i % 5 == 4) svg_text(x + LABEL + (i + 0.5) * cell, y - 6, "middle", "%d", i + 1);
    }
}

static int count_rows(const Steps *steps)
{
    int n = 0;
    for (int i = 0; i < steps->n; i++) n += steps->steps[i].n_rows;
    return n;
}

bool draw_rows(Sources *sources, Error *error)
{
    Steps uncached, cached;
    if (!record_steps(&uncached, &sources->records[0], error)) return false;
    if (!record_steps(&cached, &sources->records[1], error)) return false;
    const int n = uncached.n;
    if (cached.n != n || n > MAX_STEPS)
        return fail(error, "expected two records with the same number of steps, at most %d", MAX_STEPS);

    char title[200];
    snprintf(title, sizeof title, "%d tokens: a triangle of %d rows,\nor a diagonal of %d", n,
             count_rows(&uncached), count_rows(&cached));
    const double height = PANEL_WIDTH - LABEL, right = SVG_MARGIN + PANEL_WIDTH + GAP;
    const double top = svg_begin(45 + HEADER + height + BELOW, title) + 4;
    svg_text(SVG_MARGIN, top, "orange bold", "without a cache");
    svg_text(right, top, "blue bold", "with a cache");
    const double y = top + 30;
    draw_panel(SVG_MARGIN, y, &uncached, "orange");
    draw_panel(right, y, &cached, "blue");
    const double below = y + height + 24;
    svg_key(SVG_MARGIN, below, "orange", "");
    svg_key(SVG_MARGIN + SVG_LINE, below, "blue", "row computed");
    svg_key(right, below, "blue faint", "key and value kept");
    svg_text(SVG_MARGIN, below + SVG_LINE + 4, "muted",
             "Down: steps, with the token each gives. Across: positions.");
    svg_end();
    return true;
}
