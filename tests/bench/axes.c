// SPDX-License-Identifier: MIT
// axes.c -- from numbers to places on the page.
#include "axes.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BELOW = 18, NAME_BELOW = 38, NAME_BESIDE = 20 };

static double share(const Axis *axis, double value)
{
    return axis->tick > 0 ? (value - axis->from) / (axis->to - axis->from)
                          : log(value / axis->from) / log(axis->to / axis->from);
}

double axes_x(const Axes *axes, double x)
{
    return axes->left + (axes->right - axes->left) * share(&axes->x, x);
}
double axes_y(const Axes *axes, double y)
{
    return axes->bottom - (axes->bottom - axes->top) * share(&axes->y, y);
}

double next_tick(double tick)
{
    const double power = pow(10, floor(log10(tick) + 1e-9)), digit = tick / power;
    return power * (digit < 1.5 ? 2 : digit < 3 ? 5 : 10);
}

void axes_include(Axes *axes, const Series *s)
{
    for (int i = 0; i < s->n; i++) {
        while (axes->y.to < s->y[i]) axes->y.to = next_tick(axes->y.to);
        while (axes->y.from > s->y[i]) axes->y.from /= 10;
        if (s->x[i] < axes->x.from) axes->x.from = s->x[i];
        if (s->x[i] > axes->x.to) axes->x.to = s->x[i];
    }
}

// The first tick of an axis, and the one after another.
static double first_tick(const Axis *axis)
{
    double tick = axis->from;
    if (axis->tick > 0) return tick;
    for (tick = pow(10, floor(log10(axis->from))); tick < axis->from * 0.9999;) tick = next_tick(tick);
    return tick;
}

static double tick_after(const Axis *axis, double tick)
{
    return axis->tick > 0 ? tick + axis->tick : next_tick(tick);
}

void axes_draw(const Axes *axes)
{
    for (double t = first_tick(&axes->y); t <= axes->y.to * 1.0001; t = tick_after(&axes->y, t)) {
        svg_line(axes->left, axes_y(axes, t), axes->right, axes_y(axes, t), "grid");
        svg_text(axes->left - 6, axes_y(axes, t) + 5, "end", "%g", t);
    }
    for (double t = first_tick(&axes->x); t <= axes->x.to * 1.0001; t = tick_after(&axes->x, t)) {
        svg_line(axes_x(axes, t), axes->top, axes_x(axes, t), axes->bottom, "grid");
        svg_text(axes_x(axes, t), axes->bottom + BELOW, "middle", "%g", t);
    }
    svg_text((axes->left + axes->right) / 2, axes->bottom + NAME_BELOW, "middle", "%s", axes->x.name);
    svg_text_upwards(NAME_BESIDE, (axes->top + axes->bottom) / 2, "middle", axes->y.name);
}

static Series on_the_page(const Axes *axes, const Series *s)
{
    Series placed = {.n = s->n};
    for (int i = 0; i < s->n; i++) {
        placed.x[i] = axes_x(axes, s->x[i]);
        placed.y[i] = axes_y(axes, s->y[i]);
    }
    return placed;
}

void axes_line(const Axes *axes, const Series *series, const char *class)
{
    const Series placed = on_the_page(axes, series);
    svg_path(placed.x, placed.y, placed.n, class);
}

void axes_area(const Axes *axes, const Series *series, const char *class)
{
    const Series placed = on_the_page(axes, series);
    svg_area(placed.x, placed.y, placed.n, axes->bottom, class);
}

void axes_dots(const Axes *axes, const Series *series, const char *class)
{
    const Series placed = on_the_page(axes, series);
    for (int i = 0; i < placed.n; i++) svg_circle(placed.x[i], placed.y[i], 4, class);
}

// ---- lines with labels ------------------------------------------------------------------------------------

double series_last(const Series *series) { return series->y[series->n - 1]; }

static int by_height(const void *a, const void *b)
{
    const double x = ((const LabelledLine *)a)->y, y = ((const LabelledLine *)b)->y;
    return (x > y) - (x < y);
}

void axes_labelled_lines(const Axes *axes, LabelledLine *lines, int n)
{
    for (int i = 0; i < n; i++) {
        axes_line(axes, lines[i].series, lines[i].class);
        if (lines[i].dots) axes_dots(axes, lines[i].series, lines[i].class);
        lines[i].y = axes_y(axes, series_last(lines[i].series)) + 4;
    }
    qsort(lines, n, sizeof *lines, by_height);
    for (int i = 0; i < n; i++) {
        char text[80];
        if (i && lines[i].y < lines[i - 1].y + SVG_LINE) lines[i].y = lines[i - 1].y + SVG_LINE;
        snprintf(text, sizeof text, lines[i].label, series_last(lines[i].series));
        svg_text(axes->right + 8, lines[i].y, lines[i].class, "%s", text);
    }
}
