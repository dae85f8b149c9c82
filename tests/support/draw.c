// SPDX-License-Identifier: MIT
// draw.c -- pictures of what the programs do, from what they printed. (Plots with axes: bench/plot.c.)
#include "draw.h"

int main(int argc, char **argv)
{
    const Command command = {
        .usage = "draw PICTURE RECORD... > SVG",
        .about = "Draws a picture from commands and their output.\n"
                 "  rows RECORD RECORD     the rows that each step computes; --steps of 03 and of 04\n"
                 "  attention RECORD       what each head looks at; 02 --attention, once per head\n"
                 "  blocks RECORD          how a cache grows, and what a row looks at; --steps of 04\n"
                 "  reorder RECORD         who holds which block before and after a reorder; --steps of 05\n"
                 "  beams RECORD           which hypotheses go on, die and finish; --steps of 05",
        .example = "build/draw beams tests/measured/read-05.txt > beams.svg",
        .min_words = 2,
        .max_words = 3,
    };
    const Picture pictures[] = {
        {"rows", 2, false, draw_rows},     {"attention", 1, false, draw_attention},
        {"blocks", 1, false, draw_blocks}, {"reorder", 1, false, draw_reorder},
        {"beams", 1, false, draw_beams},   {.name = NULL},
    };
    return picture_main(&command, pictures, argc, argv);
}
