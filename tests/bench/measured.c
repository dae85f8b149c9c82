// SPDX-License-Identifier: MIT
// measured.c -- columns as bench_results.c prints them.
#include "measured.h"
#include <stdlib.h>
#include <string.h>

enum Column { SECTION, MODEL, CASE, N, METRIC, MEDIAN, COLUMNS_USED };

static bool is_row(const TsvLine *line, const char *section)
{
    return line->n_fields >= COLUMNS_USED && !strcmp(line->fields[SECTION], section);
}

const char *measured_first_model(const Tsv *table)
{
    for (int i = 0; i < table->n; i++)
        if (is_row(&table->lines[i], "stages")) return table->lines[i].fields[MODEL];
    return "";
}

Series measured_series(const Tsv *table, const char *section, const char *model, const char *name,
                       const char *metric)
{
    Series series = {.n = 0};
    for (int i = 0; i < table->n && series.n < MAX_POINTS; i++) {
        char *const *field = table->lines[i].fields;
        if (!is_row(&table->lines[i], section) || strcmp(field[MODEL], model)) continue;
        if (strcmp(field[CASE], name) || strcmp(field[METRIC], metric)) continue;
        const double n = strtod(field[N], NULL), value = strtod(field[MEDIAN], NULL);
        if (!(n >= 1 && n < 1e9 && value > 0 && value < 1e9)) continue; // not what the benchmark prints
        series.x[series.n] = n;
        series.y[series.n++] = value;
    }
    return series;
}

double measured_value(const Series *series, double n)
{
    for (int i = 0; i < series->n; i++)
        if (series->x[i] == n) return series->y[i];
    return 0;
}

static const TsvLine *line_of(const Tsv *table, const char *key, const char *second)
{
    for (int i = 0; i < table->n; i++) {
        const TsvLine *line = &table->lines[i];
        if (line->n_fields < 2 || strncmp(line->fields[0], "# ", 2)) continue;
        if (!strcmp(line->fields[0] + 2, key) && (!second || !strcmp(line->fields[1], second))) return line;
    }
    return NULL;
}

const char *measured_remark(const Tsv *table, const char *key)
{
    const TsvLine *line = line_of(table, key, NULL);
    return line ? line->fields[1] : "unknown";
}

const char *measured_shape(const Tsv *table, const char *model)
{
    const TsvLine *line = line_of(table, "model", model);
    return line && line->n_fields > 2 ? line->fields[2] : "";
}
