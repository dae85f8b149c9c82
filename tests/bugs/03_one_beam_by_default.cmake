# SPDX-License-Identifier: MIT
# Beam search with one beam, unless more are asked for.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
    else if (o->num_beams == 1) o->num_beams = DEFAULT_BEAMS;
]==])
set(NEW "")
set(FAILS "the number of beams is stored, or 4")
