// SPDX-License-Identifier: MIT
// plot_steps.c -- the time of each step over its number, without a cache and with one. Both axes begin at 0
// and are not logarithmic, so areas are times.
#include "plot.h"
#include "axes.h"
#include <math.h>

enum { TOP = 62, PLOT_HEIGHT = 250, BELOW_PLOT = 74 };

static Series series_of(const Steps *steps)
{
    Series series = {.n = steps->n};
    for (int i = 0; i < steps->n; i++) {
        series.x[i] = i + 1;
        series.y[i] = steps->steps[i].ms;
    }
    return series;
}

static double total(const Series *series)
{
    double sum = 0;
    for (int i = 0; i < series->n; i++) sum += series->y[i];
    return sum;
}

static double largest(const Series *series)
{
    double most = 0;
    for (int i = 0; i < series->n; i++) most = fmax(most, series->y[i]);
    return most;
}

bool plot_steps(Sources *sources, Error *error)
{
    Steps steps[2];
    for (int i = 0; i < 2; i++)
        if (!record_steps(&steps[i], &sources->records[i], error)) return false;
    const int n = steps[0].n;
    if (steps[1].n != n || n < 2 || n > MAX_POINTS)
        return fail(error, "expected two records with the same number of steps, at most %d", MAX_POINTS);
    const Series uncached = series_of(&steps[0]), cached = series_of(&steps[1]);
    const double slow = total(&uncached), fast = total(&cached);

    char title[200];
    snprintf(title, sizeof title, "%d tokens: %.1f s without a cache, %.3f s with it", n, slow / 1e3,
             fast / 1e3);
    const double top = svg_begin(TOP + PLOT_HEIGHT + BELOW_PLOT, title) + 8;
    const Axes axes = {{0, n, 100, "step (one token each)"},
                       {0, ceil(largest(&uncached) / 2) * 2, 2, "milliseconds of the step"},
                       52,
                       SVG_WIDTH - SVG_MARGIN,
                       top,
                       TOP + PLOT_HEIGHT};
    axes_draw(&axes);
    axes_area(&axes, &uncached, "orange faint");
    axes_line(&axes, &uncached, "orange");
    axes_line(&axes, &cached, "blue");
    svg_text(axes.left + 12, top + 30, "orange bold", "without a cache: step t computes t rows");
    svg_text(axes.left + 12, top + 30 + SVG_LINE, "orange", "%.1f ms for the last; the area is the total",
             cached.n ? uncached.y[n - 1] : 0);
    svg_text(axes.right - 8, axes.bottom - 12, "blue bold end", "with a cache: one row, %.2f ms for the last",
             cached.y[n - 1]);
    svg_text(SVG_MARGIN, TOP + PLOT_HEIGHT + 62, "muted", "%s", record_where(&sources->records[0]));
    svg_end();
    return true;
}
