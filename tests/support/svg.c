// SPDX-License-Identifier: MIT
// svg.c -- https://www.w3.org/TR/SVG11/. Text stays text. Colours reach fills and strokes as currentColor, so
// each is named once for light and once for dark pages.
#include "svg.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NATURAL_WIDTH = 600, TITLE_LINE = 21 };

// Up to `end`; a line break becomes a space.
static void print_escaped(const char *text, const char *end)
{
    for (; text < end; text++) {
        if (*text == '<') fputs("&lt;", stdout);
        else if (*text == '&') fputs("&amp;", stdout);
        else putchar(*text == '\n' ? ' ' : *text);
    }
}

static const char *end_of_line(const char *text) { return text + strcspn(text, "\n"); }

static void print_line(double x, double y, const char *class, const char *text)
{
    printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
    print_escaped(text, end_of_line(text));
    puts("</text>");
}

static double print_lines(double x, double y, double distance, const char *class, const char *text)
{
    for (;; y += distance) {
        print_line(x, y, class, text);
        text = end_of_line(text);
        if (!*text++) return y;
    }
}

double svg_begin(double height, const char *title)
{
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\" "
           "role=\"img\">\n<title>",
           SVG_WIDTH, height, NATURAL_WIDTH, height * NATURAL_WIDTH / SVG_WIDTH);
    print_escaped(title, title + strlen(title));
    fputs("</title>\n"
          "<style>\n"
          "svg { color: #1f2328 }\n"
          "text { font: 14px Helvetica, Arial, sans-serif; fill: currentColor }\n"
          ".bold { font-weight: bold } .title { font-size: 16px; font-weight: bold }\n"
          ".middle { text-anchor: middle } .end { text-anchor: end }\n"
          "rect, circle { fill: currentColor }\n"
          "path { fill: none; stroke: currentColor; stroke-width: 2 }\n"
          ".faint { fill-opacity: 0.3 } .thin { stroke-width: 1 }\n"
          ".outline { fill: none; stroke: currentColor; stroke-width: 1.5 }\n"
          ".dashed { stroke-dasharray: 5 4 } .dotted { stroke-dasharray: 2 4 }\n"
          ".blue { color: #0969da } .orange { color: #bc4c00 } .muted { color: #59636e }\n"
          ".grid { color: #d1d9e0; stroke-width: 1 } .page { color: #ffffff }\n"
          "@media (prefers-color-scheme: dark) {\n"
          "svg { color: #e6edf3 }\n"
          ".blue { color: #58a6ff } .orange { color: #f0883e } .muted { color: #9da7b3 }\n"
          ".grid { color: #3d444d } .page { color: #0d1117 }\n"
          "}\n"
          "</style>\n",
          stdout);
    svg_rect(0, 0, SVG_WIDTH, height, "page");
    return print_lines(SVG_MARGIN, 24, TITLE_LINE, "title", title) + SVG_LINE;
}

void svg_end(void) { puts("</svg>"); }

void svg_text(double x, double y, const char *class, const char *format, ...)
{
    char text[400];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    print_line(x, y, class, text);
}

void svg_lines(double x, double y, const char *class, const char *text)
{
    print_lines(x, y, SVG_LINE, class, text);
}

void svg_text_upwards(double x, double y, const char *class, const char *text)
{
    printf("<g transform=\"translate(%.1f %.1f) rotate(-90)\">", x, y);
    print_line(0, 0, class, text);
    puts("</g>");
}

void svg_rect(double x, double y, double width, double height, const char *class)
{
    svg_shaded_rect(x, y, width, height, class, 1);
}

void svg_shaded_rect(double x, double y, double width, double height, const char *class, double opacity)
{
    printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"", x, y, width, height,
           class);
    if (opacity < 1) printf(" fill-opacity=\"%.2f\"", opacity);
    puts("/>");
}

void svg_circle(double x, double y, double radius, const char *class)
{
    printf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"/>\n", x, y, radius, class);
}

void svg_line(double x1, double y1, double x2, double y2, const char *class)
{
    const double x[] = {x1, x2}, y[] = {y1, y2};
    svg_path(x, y, 2, class);
}

void svg_curve(double x1, double y1, double x2, double y2, const char *class)
{
    const double middle = (x1 + x2) / 2;
    printf("<path class=\"%s\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n", class, x1, y1, middle, y1,
           middle, y2, x2, y2);
}

static void print_path(const double *x, const double *y, int n, const char *class, const char *end)
{
    printf("<path class=\"%s\" d=\"", class);
    for (int i = 0; i < n; i++) printf("%c%.1f %.1f", i ? 'L' : 'M', x[i], y[i]);
    printf("%s\"/>\n", end);
}

void svg_path(const double *x, const double *y, int n, const char *class) { print_path(x, y, n, class, ""); }

void svg_area(const double *x, const double *y, int n, double base, const char *class)
{
    char end[80];
    snprintf(end, sizeof end, "V%.1fH%.1fZ\" style=\"fill:currentColor;stroke:none", base, x[0]);
    print_path(x, y, n, class, end);
}

void svg_key(double x, double y, const char *class, const char *text)
{
    svg_rect(x, y - 11, 12, 12, class);
    svg_text(x + SVG_LINE, y, "", "%s", text);
}
