// SPDX-License-Identifier: MIT
// draw_attention.c -- the attention of each head as a heat map: a row for each output token, a column for
// each source token, the darker the more weight.
#include "draw.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_HEADS = 4, LABEL = 38, HEADER = 44, BELOW = 26 };

typedef struct {
    const TsvLine *lines; // (n_rows + 1) the header first
    int n_rows, n_columns;
} Table;

// The tables below the commands of a record.
static int find_tables(Table *tables, const Tsv *lines)
{
    int n = 0;
    for (int i = 0; i < lines->n; i++) {
        const TsvLine *line = &lines->lines[i];
        if (line->n_fields == 1) continue; // a command
        if (!*line->fields[0]) {           // the header's empty cell
            if (n == MAX_HEADS) break;
            tables[n++] = (Table){line, 0, line->n_fields - 1};
        } else if (n && line->n_fields == tables[n - 1].n_columns + 1) tables[n - 1].n_rows++;
    }
    return n;
}

static void draw_table(const Table *t, double x, double y, int head)
{
    const double cell = (double)(PANEL_WIDTH - LABEL) / t->n_columns;
    svg_text(x + LABEL, y + 14, "bold", "head %d", head);
    y += HEADER;
    for (int k = 1; k <= t->n_columns; k++) {
        const char *letter = t->lines[0].fields[k];
        // A token longer than a letter is the end.
        svg_text(x + LABEL + (k - 0.5) * cell, y - 6, "middle", "%s", strlen(letter) > 2 ? "/" : letter);
    }
    svg_rect(x + LABEL, y, t->n_columns * cell, t->n_rows * cell, "grid faint");
    for (int i = 1; i <= t->n_rows; i++, y += cell) {
        svg_text(x + LABEL - 5, y + cell / 2 + 5, "end", "%s", t->lines[i].fields[0]);
        for (int k = 1; k <= t->n_columns; k++) {
            const double weight = strtod(t->lines[i].fields[k], NULL);
            if (weight > 0)
                svg_shaded_rect(x + LABEL + (k - 1) * cell, y, cell - 1, cell - 1, "blue", weight);
        }
    }
}

bool draw_attention(Sources *sources, Error *error)
{
    Table tables[MAX_HEADS];
    const int n = find_tables(tables, &sources->records[0].lines);
    if (n != MAX_HEADS || tables[0].n_rows < 1)
        return fail(error, "%s: expected the tables of %d heads", sources->records[0].path, MAX_HEADS);
    const double cell = (double)(PANEL_WIDTH - LABEL) / tables[0].n_columns;
    const double panel_height = HEADER + tables[0].n_rows * cell + GAP;
    const double top =
        svg_begin(TITLE + 2 * panel_height + BELOW, "Attention walks along the word, whose letters stand\n"
                                                    "across, as the phonemes (down) are written");
    for (int i = 0; i < n; i++)
        draw_table(&tables[i], SVG_MARGIN + i % 2 * (PANEL_WIDTH + GAP), top + i / 2 * panel_height, i);
    svg_text(SVG_MARGIN, top + 2 * panel_height + 10, "muted",
             "/ is the end of the word. Full colour: weight 1, none: 0.");
    svg_end();
    return true;
}
