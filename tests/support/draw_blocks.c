// SPDX-License-Identifier: MIT
// draw_blocks.c -- a cache that grows by blocks, and what each new row looks at: itself and what is held.
#include "draw.h"
#include "tensor/kv.h"
#include "tensor/loops.h"

enum { LABEL = 50, ROW = 16, HEADER = 22 };

static const double slot = (SVG_WIDTH - 2.0 * SVG_MARGIN - LABEL) / (2 * KV_BLOCK);

// The slots of a step's blocks: held, new, unused.
static void draw_step(double x, double y, const Step *s)
{
    const int n_blocks = ceil_div(s->n_held, KV_BLOCK);
    svg_text(x + LABEL - 6, y + ROW - 3, "end", "%s", s->token);
    for (int i = 0; i < n_blocks * KV_BLOCK; i++) {
        const char *class = i < s->n_held - 1 ? "blue faint" : i < s->n_held ? "blue" : "grid outline";
        svg_rect(x + LABEL + i * slot + 0.75, y + 1.5, slot - 2, ROW - 3.5, class);
    }
}

bool draw_blocks(Sources *sources, Error *error)
{
    Steps steps;
    if (!record_steps(&steps, &sources->records[0], error)) return false;
    const Step *last = &steps.steps[steps.n - 1], *second = &steps.steps[KV_BLOCK];
    if (last->n_held != steps.n || steps.n <= KV_BLOCK || steps.n > 2 * KV_BLOCK)
        return fail(error, "%s: expected %d to %d steps of 04_kvcache", sources->records[0].path,
                    KV_BLOCK + 1, 2 * KV_BLOCK);

    char title[200];
    snprintf(title, sizeof title,
             "A row looks at itself and at all that is held;\nspace comes in blocks of %d positions",
             KV_BLOCK);
    const double top = svg_begin(TITLE + HEADER + steps.n * ROW + 40, title) + HEADER;
    const double middle = SVG_MARGIN + LABEL + KV_BLOCK * slot;
    for (int i = 0; i < steps.n; i++) draw_step(SVG_MARGIN, top + i * ROW, &steps.steps[i]);
    svg_text(SVG_MARGIN + LABEL, top - 6, "", "1");
    svg_text(middle - 4, top - 6, "end", "%d", KV_BLOCK);
    svg_text(middle + 4, top - 6, "", "%d", KV_BLOCK + 1);
    svg_text(SVG_WIDTH - SVG_MARGIN, top - 6, "end", "%d", 2 * KV_BLOCK);
    svg_line(middle, top - 4, middle, top + steps.n * ROW, "thin");

    const double x = middle + 14, bottom = top + KV_BLOCK * ROW;
    svg_key(x, top + 30, "blue", "the new row");
    svg_key(x, top + 30 + 1.3 * SVG_LINE, "blue faint", "held: it looks here too");
    svg_key(x, top + 30 + 2.6 * SVG_LINE, "grid outline", "unused: never visited");
    svg_text(x, bottom - 48, "bold", "step %d: the block is full,", KV_BLOCK + 1);
    svg_text(x, bottom - 48 + SVG_LINE, "bold", "another one is taken:");
    svg_text(x, bottom - 48 + 2 * SVG_LINE, "bold", "%d bytes more", second->n_bytes - second[-1].n_bytes);
    svg_text(SVG_MARGIN, top + steps.n * ROW + 22, "muted",
             "Down: steps, with the token each gives. Across: positions.");
    svg_end();
    return true;
}
