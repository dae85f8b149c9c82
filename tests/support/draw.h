// SPDX-License-Identifier: MIT
// draw.h -- the pictures of draw.c, one file each.
#ifndef DRAW_H
#define DRAW_H
#include "picture.h"
#include "svg.h"

// Two panels side by side fill the page; a title of two lines is so high.
enum { GAP = 16, PANEL_WIDTH = (SVG_WIDTH - 2 * SVG_MARGIN - GAP) / 2, TITLE = 64 };

bool draw_rows(Sources *sources, Error *error);      // steps of 03, of 04
bool draw_attention(Sources *sources, Error *error); // tables of 02 --attention
bool draw_blocks(Sources *sources, Error *error);    // steps of 04
bool draw_reorder(Sources *sources, Error *error);   // steps of 05
bool draw_beams(Sources *sources, Error *error);     // steps of 05

#endif
