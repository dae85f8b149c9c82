// SPDX-License-Identifier: MIT
// plot.c -- draws the section "stages" of the benchmark: how many times faster n tokens are with a cache.
//
//   build/bench > bench.tsv && build/plot < bench.tsv > speedup.svg
//
// Both axes are logarithmic, so that a straight line is a power of n. Four lines:
//   operations   (n + 1) / 2 times fewer rows: what one might expect
//   textbook     measured with the triple loop, for which a row costs the same alone or with others
//   packed       measured with the kernels of the programs
//   model        (a + b (n + 1) / 2) / c, fitted to the packed kernel's times: a step without cache takes
//                a + b rows, where a is the time to read the weights; a step with cache takes c, about a
// The SVG needs no fonts or scripts, and has colours for light and for dark pages.
#include "cli.h"
#include "tsv.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_POINTS = 32,
    PAGE_WIDTH = 760,
    PAGE_HEIGHT = 486,
    LEFT = 64,
    RIGHT = 186,
    TOP = 44,
    BOTTOM = 112,
    LINE_HEIGHT = 17
};

typedef struct {
    double n[MAX_POINTS], value[MAX_POINTS];
    int count;
} Series;

// ---- the table --------------------------------------------------------------------------------------------

enum Column { SECTION, MODEL, CASE, N, METRIC, MEDIAN, COLUMNS_USED };

static bool is_row(const TsvLine *line, const char *section)
{
    return line->n_fields >= COLUMNS_USED && !strcmp(line->fields[SECTION], section);
}

// The first model of the section, if none was asked for.
static const char *first_model(const Tsv *table)
{
    for (int i = 0; i < table->n; i++)
        if (is_row(&table->lines[i], "stages")) return table->lines[i].fields[MODEL];
    return "";
}

static Series series_of(const Tsv *table, const char *model, const char *name, const char *metric)
{
    Series series = {.count = 0};
    for (int i = 0; i < table->n && series.count < MAX_POINTS; i++) {
        char *const *field = table->lines[i].fields;
        if (!is_row(&table->lines[i], "stages") || strcmp(field[MODEL], model)) continue;
        if (strcmp(field[CASE], name) || strcmp(field[METRIC], metric)) continue;
        const double n = strtod(field[N], NULL), value = strtod(field[MEDIAN], NULL);
        if (!(n >= 1 && n < 1e9 && value > 0 && value < 1e9)) continue; // not what the benchmark prints
        series.n[series.count] = n;
        series.value[series.count++] = value;
    }
    return series;
}

// The text of the line "# key TAB text".
static const char *remark(const Tsv *table, const char *key)
{
    for (int i = 0; i < table->n; i++) {
        const TsvLine *line = &table->lines[i];
        if (line->n_fields >= 2 && !strncmp(line->fields[0], "# ", 2) && !strcmp(line->fields[0] + 2, key))
            return line->fields[1];
    }
    return "unknown";
}

// ---- the model of the speed-up ----------------------------------------------------------------------------

typedef struct {
    double a, b, c; // ms
} Fit;

// Without cache the mean step of n has (n + 1) / 2 rows: a and b by least squares of relative errors.
// With cache: c is the mean of the times per token.
static Fit fit(const Series *uncached, const Series *cached)
{
    double s = 0, sx = 0, sxx = 0, sy = 0, sxy = 0, c = 0;
    for (int i = 0; i < uncached->count; i++) {
        const double x = (uncached->n[i] + 1) / 2, y = uncached->value[i], weight = 1 / (y * y);
        s += weight;
        sx += weight * x;
        sxx += weight * x * x;
        sy += weight * y;
        sxy += weight * x * y;
    }
    for (int i = 0; i < cached->count; i++) c += cached->value[i] / cached->count;
    const double b = (s * sxy - sx * sy) / (s * sxx - sx * sx);
    return (Fit){(sy - b * sx) / s, b, c};
}

static Series line_of(double a, double b, double c, double from, double to)
{
    Series line = {.count = MAX_POINTS};
    for (int i = 0; i < MAX_POINTS; i++) {
        line.n[i] = from * pow(to / from, i / (MAX_POINTS - 1.0));
        line.value[i] = (a + b * (line.n[i] + 1) / 2) / c;
    }
    return line;
}

// ---- drawing ----------------------------------------------------------------------------------------------

typedef struct {
    double from_n, to_n, from, to; // the ends of the axes
} Axes;

static double x_of(const Axes *axes, double n)
{
    return LEFT + (PAGE_WIDTH - LEFT - RIGHT) * log(n / axes->from_n) / log(axes->to_n / axes->from_n);
}

static double y_of(const Axes *axes, double value)
{
    return PAGE_HEIGHT - BOTTOM -
           (PAGE_HEIGHT - TOP - BOTTOM) * log(value / axes->from) / log(axes->to / axes->from);
}

static void print_escaped(const char *text)
{
    for (; *text; text++) {
        if (*text == '<') fputs("&lt;", stdout);
        else if (*text == '&') fputs("&amp;", stdout);
        else putchar(*text);
    }
}

static void print_text(double x, double y, const char *class, const char *text)
{
    printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
    print_escaped(text);
    puts("</text>");
}

static void print_beginning(void)
{
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
           "role=\"img\">\n",
           PAGE_WIDTH, PAGE_HEIGHT, PAGE_WIDTH, PAGE_HEIGHT);
    fputs(
        "<title>Speed-up by a cache of keys and values, by number of tokens</title>\n"
        "<style>\n"
        "text { font: 13px sans-serif; fill: #24292f }\n"
        ".title { font-size: 16px; font-weight: bold }\n"
        ".small { font-size: 12px; fill: #57606a }\n"
        ".middle { text-anchor: middle } .end { text-anchor: end }\n"
        ".page { fill: #ffffff } .grid { stroke: #d8dee4 }\n"
        "path { fill: none; stroke-width: 2 } .dashed { stroke-dasharray: 6 5 } .dotted { stroke-dasharray: "
        "2 4 }\n"
        "path.operations { stroke: #6e7781 } text.operations { fill: #57606a }\n"
        "path.textbook { stroke: #bc4c00 } text.textbook, circle { fill: #bc4c00 }\n"
        "path.packed { stroke: #0969da } text.packed, circle.packed { fill: #0969da }\n"
        "path.model { stroke: #1a7f37 } text.model { fill: #1a7f37 }\n"
        "@media (prefers-color-scheme: dark) {\n"
        "text { fill: #e6edf3 } .small { fill: #9da7b3 } .page { fill: #0d1117 } .grid { stroke: #30363d }\n"
        "path.operations { stroke: #9da7b3 } text.operations { fill: #9da7b3 }\n"
        "path.textbook { stroke: #f0883e } text.textbook, circle { fill: #f0883e }\n"
        "path.packed { stroke: #58a6ff } text.packed, circle.packed { fill: #58a6ff }\n"
        "path.model { stroke: #3fb950 } text.model { fill: #3fb950 }\n"
        "}\n"
        "</style>\n",
        stdout);
    printf("<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", PAGE_WIDTH, PAGE_HEIGHT);
}

// 1, 2, 5, 10, 20, 50, ...
static double next_tick(double tick)
{
    const double power = pow(10, floor(log10(tick) + 1e-9)), digit = tick / power;
    return power * (digit < 1.5 ? 2 : digit < 3 ? 5 : 10);
}

static void print_axes(const Axes *axes)
{
    char text[40];
    for (double tick = axes->from; tick < axes->to * 1.0001; tick = next_tick(tick)) {
        const double y = y_of(axes, tick);
        snprintf(text, sizeof text, "%g", tick);
        printf("<path class=\"grid\" style=\"stroke-width:1\" d=\"M%d %.1fH%d\"/>\n", LEFT, y,
               PAGE_WIDTH - RIGHT);
        print_text(LEFT - 8, y + 4, "end", text);
    }
    for (double tick = 1; tick < axes->to_n * 1.0001; tick = next_tick(tick)) {
        if (tick < axes->from_n * 0.9999) continue;
        snprintf(text, sizeof text, "%g", tick);
        print_text(x_of(axes, tick), PAGE_HEIGHT - BOTTOM + 18, "middle", text);
    }
    print_text((LEFT + PAGE_WIDTH - RIGHT) / 2.0, PAGE_HEIGHT - BOTTOM + 38, "middle", "tokens written, n");
    printf("<g transform=\"translate(18 %.1f) rotate(-90)\">", (TOP + PAGE_HEIGHT - BOTTOM) / 2.0);
    print_text(0, 0, "middle", "times faster than without cache");
    puts("</g>");
}

static void print_series(const Axes *axes, const Series *series, const char *class, bool dots)
{
    printf("<path class=\"%s\" d=\"", class);
    for (int i = 0; i < series->count; i++)
        printf("%c%.1f %.1f", i ? 'L' : 'M', x_of(axes, series->n[i]), y_of(axes, series->value[i]));
    puts("\"/>");
    for (int i = 0; dots && i < series->count; i++)
        printf("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>\n", class, x_of(axes, series->n[i]),
               y_of(axes, series->value[i]));
}

typedef struct {
    const Series *series;
    const char *class, *label; // printf format for the last value
    bool dots;
    double y; // of the label
} Line;

static int by_height(const void *a, const void *b)
{
    const double x = ((const Line *)a)->y, y = ((const Line *)b)->y;
    return (x > y) - (x < y);
}

// Labels stand at the right ends of their lines, moved down where they would touch.
static void print_lines(const Axes *axes, Line *lines, int n)
{
    for (int i = 0; i < n; i++) {
        const Series *s = lines[i].series;
        print_series(axes, s, lines[i].class, lines[i].dots);
        lines[i].y = y_of(axes, s->value[s->count - 1]) + 4;
    }
    qsort(lines, n, sizeof *lines, by_height);
    for (int i = 0; i < n; i++) {
        char text[80];
        const Series *s = lines[i].series;
        if (i && lines[i].y < lines[i - 1].y + LINE_HEIGHT) lines[i].y = lines[i - 1].y + LINE_HEIGHT;
        snprintf(text, sizeof text, lines[i].label, s->value[s->count - 1]);
        print_text(PAGE_WIDTH - RIGHT + 10, lines[i].y, lines[i].class, text);
    }
}

static void print_legend(const Tsv *table, const char *model, const Fit *f)
{
    char text[300];
    print_text(LEFT - 40, PAGE_HEIGHT - 48, "small",
               "model: (a + b (n + 1)/2) / c, where a step takes a + b rows without cache, and c with it;");
    snprintf(text, sizeof text, "fitted to the packed kernel: a = %.3g ms, b = %.3g ms, c = %.3g ms", f->a,
             f->b, f->c);
    print_text(LEFT - 40, PAGE_HEIGHT - 31, "small", text);
    snprintf(text, sizeof text, "%s, %s, threads: %s, model %s", remark(table, "cpu"),
             remark(table, "vectors"), remark(table, "threads"), model);
    print_text(LEFT - 40, PAGE_HEIGHT - 14, "small", text);
}

// Moves the ends of the axes, which are ticks, so that all values lie between them.
static void include(Axes *axes, const Series *s)
{
    for (int i = 0; i < s->count; i++) {
        while (axes->to < s->value[i]) axes->to = next_tick(axes->to);
        while (axes->from > s->value[i]) axes->from /= 10;
        if (s->n[i] < axes->from_n) axes->from_n = s->n[i];
        if (s->n[i] > axes->to_n) axes->to_n = s->n[i];
    }
}

static bool draw(const Tsv *table, const char *model, Error *error)
{
    const Series packed = series_of(table, model, "03 / 04", "speed-up");
    const Series textbook = series_of(table, model, "03 / 04 textbook", "speed-up");
    const Series uncached = series_of(table, model, "03", "time per token");
    const Series cached = series_of(table, model, "04", "time per token");
    if (packed.count < 2 || textbook.count < 1 || uncached.count != packed.count ||
        cached.count != packed.count)
        return fail(
            error,
            "stdin: no speed-up of the model \"%s\" for two numbers of tokens: expected the output of bench",
            model);
    Axes axes = {DBL_MAX, 0, 1, 2};
    include(&axes, &packed);
    const Fit f = fit(&uncached, &cached);
    const Series model_line = line_of(f.a, f.b, f.c, axes.from_n, axes.to_n);
    const Series operations = line_of(0, 1, 1, axes.from_n, axes.to_n);
    include(&axes, &textbook);
    include(&axes, &operations);
    include(&axes, &model_line);

    Line lines[] = {
        {&operations, "operations dashed", "(n + 1) / 2: %.3g", false, 0},
        {&textbook, "textbook", "textbook kernel: %.3g", true, 0},
        {&packed, "packed", "packed kernel: %.3g", true, 0},
        {&model_line, "model dotted", "model: %.3g", false, 0},
    };
    print_beginning();
    print_text(LEFT - 40, 24, "title", "What a cache of keys and values buys");
    print_axes(&axes);
    print_lines(&axes, lines, sizeof lines / sizeof *lines);
    print_legend(table, model, &f);
    puts("</svg>");
    return true;
}

int main(int argc, char **argv)
{
    const Command command = {
        .usage = "plot [MODEL] < BENCH > SVG",
        .about = "Draws the speed-up by number of tokens from the output of bench: with both kernels, "
                 "beside the number of operations and a model. MODEL: the name of one in the table (default: "
                 "the first).",
        .example = "build/plot < bench.tsv > speedup.svg",
        .max_words = 1,
    };
    const int n_words = cli_parse(&command, argc, argv);
    Error error = {0};
    Tsv table = {0};
    if (tsv_read(&table, stdin, "stdin", &error))
        draw(&table, n_words ? argv[1] : first_model(&table), &error);
    tsv_free(&table);
    return error.set ? report(&error) : 0;
}
