// SPDX-License-Identifier: MIT
// draw_beams.c -- a beam search as a tree: a column for each step, a box for each hypothesis with its last
// token and its sum, or its score where it finished. What nothing continues has died.
#include "draw.h"

enum { MAX_NODES = 128, MAX_DEPTH = 6, ROOT = 0, BOX = 66, BOX_HEIGHT = 38, LEAF = 48, BELOW = 84 };

typedef struct {
    const Hypothesis *h; // NULL: the root
    int parent;          // node
    int n_children;
    double y; // of its middle
} Node;

typedef struct {
    Node nodes[MAX_NODES];
    int n, depth, n_leaves;
} Tree;

static bool plant(Tree *tree, const Hypotheses *all)
{
    *tree = (Tree){.n = 1};
    for (int i = 0; i < all->n; i++) {
        const Hypothesis *h = &all->lines[i];
        if (tree->n == MAX_NODES || h->step > MAX_DEPTH) return false;
        Node *node = &tree->nodes[tree->n++];
        *node = (Node){.h = h, .parent = ROOT};
        for (int k = 1; k < tree->n - 1; k++) {
            const Hypothesis *p = tree->nodes[k].h;
            if (p->step == h->step - 1 && p->beam == h->parent) node->parent = k;
        }
        tree->nodes[node->parent].n_children++;
        if (h->step > tree->depth) tree->depth = h->step;
    }
    return true;
}

// Leaves from top to bottom, each node at the middle of its children.
static void place(Tree *tree, int at, double top)
{
    Node *node = &tree->nodes[at];
    double first = 0, last = 0;
    if (!node->n_children) node->y = top + (tree->n_leaves++ + 0.5) * LEAF;
    else {
        for (int i = 1, k = 0; i < tree->n; i++) {
            if (tree->nodes[i].parent != at) continue;
            place(tree, i, top);
            if (!k++) first = tree->nodes[i].y;
            last = tree->nodes[i].y;
        }
        node->y = (first + last) / 2;
    }
}

static double x_of(const Tree *tree, const Hypothesis *h)
{
    const double first = SVG_MARGIN + 20, column = (SVG_WIDTH - SVG_MARGIN - BOX - first) / (tree->depth - 1);
    return h ? first + (h->step - 1) * column : SVG_MARGIN + 5 - BOX;
}

static void draw_node(const Tree *tree, const Node *node)
{
    const Hypothesis *h = node->h;
    const double x = x_of(tree, h), y = node->y - BOX_HEIGHT / 2.0, middle = x + BOX / 2.0;
    const Node *parent = &tree->nodes[node->parent];
    const bool finished = h->beam == FINISHED, died = !finished && !node->n_children;
    svg_curve(x_of(tree, parent->h) + BOX, parent->y, x, node->y, died ? "muted dashed thin" : "blue");
    svg_rect(x, y, BOX, BOX_HEIGHT, finished ? "blue" : "page");
    if (!finished) svg_rect(x, y, BOX, BOX_HEIGHT, died ? "muted outline dashed" : "blue outline");
    const char *class = finished ? "page middle" : died ? "muted middle" : "middle";
    char bold[40];
    snprintf(bold, sizeof bold, "%s bold", class);
    svg_text(middle, y + 16, bold, "%s", h->token);
    svg_text(middle, y + 32, class, "%.4f", h->sum);
}

static void best_finished(const Hypotheses *all, const Hypothesis **best, const Hypothesis **next)
{
    *best = *next = NULL;
    for (int i = 0; i < all->n; i++) {
        const Hypothesis *h = &all->lines[i];
        if (h->beam != FINISHED) continue;
        if (!*best || h->sum > (*best)->sum) {
            *next = *best;
            *best = h;
        } else if (!*next || h->sum > (*next)->sum) *next = h;
    }
}

bool draw_beams(Sources *sources, Error *error)
{
    Hypotheses all;
    Tree tree;
    const Hypothesis *best, *next;
    if (!record_hypotheses(&all, &sources->records[0], error)) return false;
    best_finished(&all, &best, &next);
    if (!plant(&tree, &all) || !next || tree.depth < 2)
        return fail(error, "%s: expected 2 to %d steps, and two results", sources->records[0].path,
                    MAX_DEPTH);
    place(&tree, ROOT, 0);

    char title[300];
    snprintf(title, sizeof title, "Two pronunciations survive to the end:\n%.*s (%.4f) and %.*s (%.4f)",
             (int)(best->token - best->tokens - 1), best->tokens, best->sum,
             (int)(next->token - next->tokens - 1), next->tokens, next->sum);
    const double top = svg_begin(TITLE + SVG_LINE + tree.n_leaves * LEAF + BELOW, title) + 8;
    for (int step = 1; step <= tree.depth; step++)
        svg_text(x_of(&tree, &(Hypothesis){.step = step}) + BOX / 2.0, top, "muted middle", "step %d", step);
    for (int i = 0; i < tree.n; i++) tree.nodes[i].y += top + 10;
    svg_circle(SVG_MARGIN + 5, tree.nodes[ROOT].y, 5, "blue");
    for (int i = 1; i < tree.n; i++) draw_node(&tree, &tree.nodes[i]);
    const double below = top + 10 + tree.n_leaves * LEAF + 22;
    svg_key(SVG_MARGIN, below, "blue outline", "goes on; the number is its sum of log-probabilities");
    svg_key(SVG_MARGIN, below + SVG_LINE + 2, "muted outline dashed", "dies: others are better");
    svg_key(SVG_MARGIN, below + 2 * (SVG_LINE + 2), "blue",
            "finished: the sum divided by the number of tokens");
    svg_end();
    return true;
}
