// SPDX-License-Identifier: MIT
// axes.h -- a plot: two axes, and lines of points between them. Ticks of a logarithmic axis: 1, 2, 5, 10 ...
#ifndef AXES_H
#define AXES_H
#include "svg.h"
#include <stdbool.h>

enum { MAX_POINTS = 600 };

typedef struct {
    double x[MAX_POINTS], y[MAX_POINTS];
    int n;
} Series;
double series_last(const Series *series); // value y

typedef struct {
    double from, to;
    double tick; // distance of ticks; 0: logarithmic
    const char *name;
} Axis;

typedef struct {
    Axis x, y;
    double left, right, top, bottom; // of the plot on the page
} Axes;

double axes_x(const Axes *axes, double x);
double axes_y(const Axes *axes, double y);
double next_tick(double tick); // of a logarithmic axis

// Move the ends of logarithmic axes, which are ticks for y, so that all points lie between them.
void axes_include(Axes *axes, const Series *series);

void axes_draw(const Axes *axes); // grid, numbers and names
void axes_line(const Axes *axes, const Series *series, const char *class);
void axes_area(const Axes *axes, const Series *series, const char *class); // below the line
void axes_dots(const Axes *axes, const Series *series, const char *class);

typedef struct {
    const Series *series;
    const char *class, *label; // printf format for the last value
    bool dots;
    double y; // of the label
} LabelledLine;

// Labels stand at the right ends of their lines, moved down where they would touch. Sorts the lines.
void axes_labelled_lines(const Axes *axes, LabelledLine *lines, int n);

#endif
