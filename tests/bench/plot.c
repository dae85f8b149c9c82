// SPDX-License-Identifier: MIT
// plot.c -- pictures with axes, from what was measured. (Pictures without axes: support/draw.c.)
#include "plot.h"

int main(int argc, char **argv)
{
    const Command command = {
        .usage = "plot PICTURE FILE... [MODEL] > SVG",
        .about =
            "Draws a picture from measurements.\n"
            "  speed-up BENCH [MODEL]    how many times faster n tokens are with a cache\n"
            "  roofline BENCH [MODEL]    the limits of the machine, and how near one row and 100 rows come\n"
            "  drafts BENCH [MODEL]      how many times faster guesses make it\n"
            "  steps RECORD RECORD       the time of each step, of 03 and of 04\n"
            "BENCH: the output of bench. MODEL: the name of one in it (default: the first).\n"
            "RECORD: a command with --steps and its output.",
        .example = "build/plot speed-up tests/measured/epyc-zen4-gcc12.tsv > speedup.svg",
        .min_words = 2,
        .max_words = 3,
    };
    const Picture pictures[] = {
        {"speed-up", 1, true, plot_speed_up},
        {"roofline", 1, true, plot_roofline},
        {"drafts", 1, true, plot_drafts},
        {"steps", 2, false, plot_steps},
        {.name = NULL},
    };
    return picture_main(&command, pictures, argc, argv);
}
