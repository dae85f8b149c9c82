# SPDX-License-Identifier: MIT
# Hypotheses finish wherever they rank among the candidates, not only among the first B.
set(FILE 05_beam/beam.c)
set(OLD [==[
    for (int k = 0; k < beam->B && k < beam->n_candidates; k++) {
]==])
set(NEW [==[
    for (int k = 0; k < beam->n_candidates; k++) {
]==])
set(FAILS "beam search finds the n best that Hugging Face's finds in a table")
