// SPDX-License-Identifier: MIT
// plot_speed_up.c -- the section "stages" of the benchmark: how many times faster n tokens are with a cache.
// Both axes are logarithmic, so that a straight line is a power of n. Four lines:
//   operations   (n + 1) / 2 times fewer rows: what one might expect
//   textbook     measured with the triple loop, for which a row costs the same alone or with others
//   packed       measured with the kernels of the programs
//   prediction   (a + b (n + 1) / 2) / c, fitted to the packed kernel's times: a step without cache takes
//                a + b rows, where a is the time to read the weights; a step with cache takes c, about a
#include "plot.h"
#include "axes.h"
#include "measured.h"
#include <float.h>
#include <math.h>

enum { N_OF_A_CURVE = 32, TOP = 84, PLOT_HEIGHT = 280, BELOW_PLOT = 180, LABELS = 122 };

typedef struct {
    double a, b, c; // ms
} Fit;

// Without cache the mean step of n has (n + 1) / 2 rows: a and b by least squares of relative errors.
// With cache: c is the mean of the times per token.
static Fit fit(const Series *uncached, const Series *cached)
{
    double s = 0, sx = 0, sxx = 0, sy = 0, sxy = 0, c = 0;
    for (int i = 0; i < uncached->n; i++) {
        const double x = (uncached->x[i] + 1) / 2, y = uncached->y[i], weight = 1 / (y * y);
        s += weight;
        sx += weight * x;
        sxx += weight * x * x;
        sy += weight * y;
        sxy += weight * x * y;
    }
    for (int i = 0; i < cached->n; i++) c += cached->y[i] / cached->n;
    const double b = (s * sxy - sx * sy) / (s * sxx - sx * sx);
    return (Fit){(sy - b * sx) / s, b, c};
}

static Series curve(const Fit *f, const Axis *over)
{
    Series line = {.n = N_OF_A_CURVE};
    for (int i = 0; i < N_OF_A_CURVE; i++) {
        line.x[i] = over->from * pow(over->to / over->from, i / (N_OF_A_CURVE - 1.0));
        line.y[i] = (f->a + f->b * (line.x[i] + 1) / 2) / f->c;
    }
    return line;
}

// ---- drawing ----------------------------------------------------------------------------------------------

// Between the kernels, where the lines end.
static void mark_gap(const Axes *axes, const Series *textbook, const Series *packed)
{
    const double x = axes->right - 12, high = axes_y(axes, series_last(textbook)) + 14,
                 low = axes_y(axes, series_last(packed)) - 10;
    svg_line(x, high, x, low, "muted thin");
    svg_line(x - 5, high, x + 5, high, "muted thin");
    svg_line(x - 5, low, x + 5, low, "muted thin");
    svg_text(x - 8, (high + low) / 2 + 8, "muted end", "kernels:");
    svg_text(x - 8, (high + low) / 2 + 8 + SVG_LINE, "muted end", "%.0f times apart",
             series_last(textbook) / series_last(packed));
}

static double draw_note(double y, const char *class, const char *text)
{
    svg_text(SVG_MARGIN, y, class, "%s", text);
    return y + SVG_LINE;
}

// Why the lines of the kernels begin above that of the rows, in decoder rows: 2 D^2 weights for each row of
// the source against 6 D^2 + 2 D F.
static double draw_source_note(double y, const char *shape)
{
    char text[120];
    double D, F, S;
    if (sscanf(shape, "D %lf, %*d layers, %*d heads, F %lf, V %*d, S %lf", &D, &F, &S) != 3 || S < 1)
        return y;
    y = draw_note(y, "", "Why the textbook line begins above the dashed one: without");
    y = draw_note(y, "", "a cache each step also computes the source's keys and");
    snprintf(text, sizeof text, "values again, which is as much as %.0f more rows.", S * D / (3 * D + F));
    return draw_note(y, "", text);
}

static void draw_notes(const Sources *sources, const char *model, const Fit *f, double y)
{
    const Tsv *table = &sources->records[0].lines;
    char text[300];
    y = draw_source_note(y, measured_shape(table, model));
    y = draw_note(y, "muted", "Prediction: (a + b (n + 1) / 2) / c. A step takes a + b rows");
    snprintf(text, sizeof text, "without a cache, c with it: a = %.3g, b = %.3g, c = %.3g ms.", f->a, f->b,
             f->c);
    y = draw_note(y, "muted", text);
    snprintf(text, sizeof text, "%s, threads: %s, model %s", measured_remark(table, "cpu"),
             measured_remark(table, "threads"), model);
    draw_note(y, "muted", text);
}

bool plot_speed_up(Sources *sources, Error *error)
{
    const Tsv *table = &sources->records[0].lines;
    const char *model = sources->model ? sources->model : measured_first_model(table);
    const Series packed = measured_series(table, "stages", model, "03 / 04", "speed-up"),
                 textbook = measured_series(table, "stages", model, "03 / 04 textbook", "speed-up"),
                 uncached = measured_series(table, "stages", model, "03", "time per token"),
                 cached = measured_series(table, "stages", model, "04", "time per token");
    if (packed.n < 2 || textbook.n < 1 || uncached.n != packed.n || cached.n != packed.n)
        return fail(error,
                    "%s: no speed-up of the model \"%s\" for two numbers of tokens: expected the output of "
                    "bench",
                    sources->records[0].path, model);
    Axes axes = {{DBL_MAX, 0, 0, "tokens written, n (log scale)"},
                 {1, 2, 0, "times faster with a cache (log scale)"},
                 56,
                 SVG_WIDTH - LABELS,
                 TOP,
                 TOP + PLOT_HEIGHT};
    axes_include(&axes, &packed);
    const Fit f = fit(&uncached, &cached);
    const Series predicted = curve(&f, &axes.x), operations = curve(&(Fit){0, 1, 1}, &axes.x);
    axes_include(&axes, &textbook);
    axes_include(&axes, &operations);
    axes_include(&axes, &predicted);

    char title[200];
    snprintf(title, sizeof title,
             "%.0f tokens: %.0f times fewer rows,\nbut with a good kernel only %.0f times faster", axes.x.to,
             series_last(&operations), series_last(&packed));
    axes.top = svg_begin(TOP + PLOT_HEIGHT + BELOW_PLOT, title);
    LabelledLine lines[] = {
        {&operations, "muted dashed", "(n + 1) / 2: %.3g", false, 0},
        {&textbook, "orange", "textbook: %.3g", true, 0},
        {&packed, "blue", "packed: %.3g", true, 0},
        {&predicted, "dotted", "prediction: %.3g", false, 0},
    };
    axes_draw(&axes);
    axes_labelled_lines(&axes, lines, sizeof lines / sizeof *lines);
    mark_gap(&axes, &textbook, &packed);
    draw_notes(sources, model, &f, axes.bottom + 66);
    svg_end();
    return true;
}
