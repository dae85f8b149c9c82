// SPDX-License-Identifier: MIT
// plot_roofline.c -- the roofline (Williams, Waterman, Patterson 2009): how fast a machine can compute, given
// how much there is to compute for each byte that must be fetched. A weight is 4 bytes; each row costs two
// operations with it, a multiplication and an addition: n rows together are n / 2 operations per byte.
// Two dots, both measured: one row with a cache, and the rows of step 100 without.
#include "plot.h"
#include "axes.h"
#include "measured.h"

enum { MANY_ROWS = 100, TOP = 84, PLOT_HEIGHT = 270, BELOW_PLOT = 130 };

static const double operations_per_byte = 2.0 / sizeof(float); // of one row

bool plot_roofline(Sources *sources, Error *error)
{
    const Tsv *table = &sources->records[0].lines;
    const char *model = sources->model ? sources->model : measured_first_model(table);
    const Series arithmetic = measured_series(table, "limits", "-", "arithmetic", "peak"),
                 memory = measured_series(table, "limits", "-", "memory", "8 streams"),
                 uncached = measured_series(table, "stages", model, "03", "arithmetic of step n"),
                 cached = measured_series(table, "stages", model, "04", "weights");
    const double peak = measured_value(&arithmetic, 1), bandwidth = measured_value(&memory, 1),
                 many = measured_value(&uncached, MANY_ROWS),
                 one = measured_value(&cached, MANY_ROWS) * operations_per_byte;
    if (!(peak > 0 && bandwidth > 0 && many > 0 && one > 0))
        return fail(error, "%s: expected the sections limits and stages of bench, with %d tokens of \"%s\"",
                    sources->records[0].path, MANY_ROWS, model);

    const double ridge = peak / bandwidth, roof_of_one = bandwidth * operations_per_byte;
    char title[200];
    snprintf(title, sizeof title,
             "One row at a time waits for memory (%.0f %% of its limit),\n"
             "%d rows wait for arithmetic (%.0f %% of theirs)",
             100 * one / roof_of_one, MANY_ROWS, 100 * many / peak);
    const double top = svg_begin(TOP + PLOT_HEIGHT + BELOW_PLOT, title);
    const Axes axes = {{0.2, 100, 0, "operations per byte of weights (log scale)"},
                       {5, 200, 0, "GFLOP/s (log scale)"},
                       52,
                       SVG_WIDTH - SVG_MARGIN,
                       top,
                       TOP + PLOT_HEIGHT};
    axes_draw(&axes);
    const double x[] = {axes_x(&axes, axes.x.from), axes_x(&axes, ridge), axes.right};
    const double y[] = {axes_y(&axes, bandwidth * axes.x.from), axes_y(&axes, peak), axes_y(&axes, peak)};
    svg_path(x, y, 3, "");
    svg_line(x[1], y[1], x[1], axes.bottom, "muted dashed thin");
    svg_text(x[1] + 8, axes.bottom - 30, "muted", "ridge: %.1f operations per byte,", ridge);
    svg_text(x[1] + 8, axes.bottom - 12, "muted", "that is %.0f rows at once", ridge / operations_per_byte);
    svg_text(axes.right - 6, y[1] - 10, "end", "arithmetic: %.0f GFLOP/s", peak);
    svg_text(axes_x(&axes, 0.8 * ridge / 2), axes_y(&axes, peak / 2), "end", "memory: %.1f GB/s", bandwidth);

    const double x_one = axes_x(&axes, operations_per_byte),
                 x_many = axes_x(&axes, MANY_ROWS * operations_per_byte);
    svg_circle(x_one, axes_y(&axes, one), 6, "blue");
    svg_text(x_one + 12, axes_y(&axes, one) + 10, "blue bold", "1 row, with");
    svg_text(x_one + 12, axes_y(&axes, one) + 10 + SVG_LINE, "blue bold", "a cache: %.0f", one);
    svg_circle(x_many, axes_y(&axes, many), 6, "orange");
    svg_text(axes.right - 6, axes_y(&axes, many) + 28, "orange bold end", "%d rows, without: %.0f", MANY_ROWS,
             many);
    const double below = axes.bottom + 62;
    svg_lines(SVG_MARGIN, below, "muted",
              "Each row multiplies with every weight (4 bytes) and adds:\n"
              "n rows at once are n / 2 operations per byte.\n"
              "GFLOP/s: thousand million operations per second.");
    svg_text(SVG_MARGIN, below + 3 * SVG_LINE, "muted", "%s, threads: %s", measured_remark(table, "cpu"),
             measured_remark(table, "threads"));
    svg_end();
    return true;
}
