// SPDX-License-Identifier: MIT
// svg.h -- a picture on stdout, as SVG: shapes with classes, and what the classes look like on light and on
// dark pages. Lengths are in units of which a page is 480 wide: on a narrow phone a letter of 14 units is
// still 9 pixels high.
//
// Classes, as many as wanted, separated by spaces:
//   blue orange muted grid page        colours: what is kept, what is done again (two that all readers
//                                      can tell apart), words and lines in the background, and the page
//   bold middle end                    of text: weight, and what stands at its x (default: its start)
//   faint outline thin dashed dotted   of shapes
#ifndef SVG_H
#define SVG_H

enum { SVG_WIDTH = 480, SVG_MARGIN = 12, SVG_LINE = 18 };

// Begin a picture below its title, which says the finding. The lines of the title are separated by '\n'.
// Returns the y below it.
double svg_begin(double height, const char *title);
void svg_end(void);

void svg_text(double x, double y, const char *class, const char *format, ...);
// Several lines, separated by '\n', SVG_LINE apart.
void svg_lines(double x, double y, const char *class, const char *text);
// One that is read from below, its middle at x and y.
void svg_text_upwards(double x, double y, const char *class, const char *text);
void svg_rect(double x, double y, double width, double height, const char *class);
void svg_shaded_rect(double x, double y, double width, double height, const char *class, double opacity);
void svg_circle(double x, double y, double radius, const char *class);
void svg_line(double x1, double y1, double x2, double y2, const char *class);
// From left to right, horizontal at both ends.
void svg_curve(double x1, double y1, double x2, double y2, const char *class);
// Lines from point to point.
void svg_path(const double *x, const double *y, int n, const char *class);
// What lies between such lines and y = base.
void svg_area(const double *x, const double *y, int n, double base, const char *class);
// What a kind of rectangle means.
void svg_key(double x, double y, const char *class, const char *text);

#endif
