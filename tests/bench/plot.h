// SPDX-License-Identifier: MIT
// plot.h -- the pictures of plot.c, one file each.
#ifndef PLOT_H
#define PLOT_H
#include "picture.h"

bool plot_speed_up(Sources *sources, Error *error); // BENCH [MODEL]
bool plot_roofline(Sources *sources, Error *error); // BENCH [MODEL]
bool plot_drafts(Sources *sources, Error *error);   // BENCH [MODEL]
bool plot_steps(Sources *sources, Error *error);    // steps of 03, of 04

#endif
