// SPDX-License-Identifier: MIT
// draw_reorder.c -- two beams and the blocks of their caches: before a reorder in which both go on from the
// same one, after it (blocks are shared), and a step later (the block that was written to has been copied).
#include "draw.h"
#include "tensor/kv.h"
#include "tensor/loops.h"

enum { BEAMS = 2, BLOCKS = 2 };
enum { PANEL = 150, LABEL = 62, BLOCK_WIDTH = 168, BLOCK_HEIGHT = 30, LANE = 62, BETWEEN = 32, APART = 5 };

static const double slot = (double)BLOCK_WIDTH / KV_BLOCK;

typedef struct {
    const Hypothesis *beams[BEAMS];
} Moment;

// What runs after a step.
static bool find_moment(Moment *m, const Hypotheses *all, int step)
{
    *m = (Moment){{NULL}};
    for (int i = 0; i < all->n; i++) {
        const Hypothesis *h = &all->lines[i];
        if (h->step != step || h->beam == FINISHED || h->n_blocks != BLOCKS) continue;
        if (h->beam >= BEAMS) return false;
        m->beams[h->beam] = h;
    }
    return m->beams[0] && m->beams[1];
}

// With two beams, a block with two references is held by both.
static bool is_shared(const Moment *m, int block) { return m->beams[0]->references[block] == BEAMS; }

// The first reorder of three moments by which full and other blocks become shared.
static bool find_reorder(Moment *moments, const Hypotheses *all)
{
    for (int step = 1; step < all->lines[all->n - 1].step - 1; step++) {
        bool found = true;
        for (int i = 0; i < 3; i++) found = found && find_moment(&moments[i], all, step + i);
        if (found && !is_shared(&moments[0], 0) && is_shared(&moments[1], 0) && is_shared(&moments[1], 1) &&
            is_shared(&moments[2], 0) && !is_shared(&moments[2], 1))
            return true;
    }
    return false;
}

static double x_of_block(int block)
{
    return SVG_MARGIN + LABEL + BETWEEN / 2.0 + block * (BLOCK_WIDTH + BETWEEN);
}

static void draw_block(double y, int block, int n_held, int references, const char *outline,
                       const char *faint)
{
    const double x = x_of_block(block);
    const int n = smaller(n_held - block * KV_BLOCK, KV_BLOCK);
    for (int i = 0; i < n; i++) svg_rect(x + i * slot, y, slot - 1, BLOCK_HEIGHT, faint);
    svg_rect(x, y, BLOCK_WIDTH, BLOCK_HEIGHT, outline);
    svg_text(x + BLOCK_WIDTH / 2.0, y + BLOCK_HEIGHT / 2.0 + 5, "middle", "%d held, %d reference%s", n,
             references, references == 1 ? "" : "s");
}

static void draw_moment(double y, const Moment *m, const char *heading)
{
    const int n_held = m->beams[0]->step;
    svg_text(SVG_MARGIN, y, "bold", "After step %d: %s", n_held, heading);
    y += SVG_LINE;
    for (int b = 0; b < BEAMS; b++) {
        const double middle = y + b * LANE + BLOCK_HEIGHT / 2.0;
        double from = SVG_MARGIN + LABEL, from_y = middle;
        svg_text(SVG_MARGIN, middle, "bold", "beam %d", b);
        svg_text(SVG_MARGIN, middle + SVG_LINE, "", "... %s", m->beams[b]->token);
        for (int block = 0; block < BLOCKS; block++) {
            const bool shared = is_shared(m, block);
            const double top = y + (shared ? LANE / 2.0 : b * LANE), center = top + BLOCK_HEIGHT / 2.0;
            const double to_y = !shared ? center : b ? center + APART : center - APART;
            svg_curve(from, from_y, x_of_block(block), to_y, b ? "orange" : "blue");
            if (!shared)
                draw_block(top, block, n_held, 1, b ? "orange outline" : "blue outline",
                           b ? "orange faint" : "blue faint");
            else if (!b) draw_block(top, block, n_held, BEAMS, "muted outline", "muted faint");
            from = x_of_block(block) + BLOCK_WIDTH;
            from_y = to_y;
        }
    }
}

bool draw_reorder(Sources *sources, Error *error)
{
    Hypotheses all;
    Moment moments[3];
    if (!record_hypotheses(&all, &sources->records[0], error)) return false;
    if (!find_reorder(moments, &all))
        return fail(error, "%s: expected two beams, two blocks, and a reorder that makes all of them shared",
                    sources->records[0].path);
    const Moment *shared = &moments[1];
    char heading[80];
    snprintf(heading, sizeof heading, "both go on from beam %d", shared->beams[0]->parent);
    const double top = svg_begin(TITLE + 3 * PANEL, "A reorder copies nothing: beams share blocks,\n"
                                                    "until one of them writes to the last") +
                       10;
    draw_moment(top, &moments[0], "each has its own blocks");
    draw_moment(top + PANEL, shared, heading);
    svg_text(x_of_block(0), top + PANEL + SVG_LINE + LANE + BLOCK_HEIGHT, "muted",
             "what only beam %d held is free again", 1 - shared->beams[0]->parent);
    draw_moment(top + 2 * PANEL, &moments[2], "the first to write made a copy");
    svg_end();
    return true;
}
