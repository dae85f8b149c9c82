# SPDX-License-Identifier: MIT
# A function was changed that the tutorial prints.
set(FILE 05_beam/beam.c)
set(OLD [==[
    rank_continuations(beam, log_probabilities); // the best K of B * V
]==])
set(NEW [==[
    rank_continuations(beam, log_probabilities);
]==])
set(FAILS "the tutorial prints functions as they are")
