# SPDX-License-Identifier: MIT
# All beams begin alive, so all of them are the same hypothesis (KV-45).
set(FILE 05_beam/beam.c)
set(OLD [==[
    beam.running[0].sum = 0;
]==])
set(NEW [==[
    for (int b = 0; b < B; b++) beam.running[b].sum = 0;
]==])
set(FAILS "a vocabulary smaller than the beam gives distinct living hypotheses")
