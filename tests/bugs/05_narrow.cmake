# SPDX-License-Identifier: MIT
# With early_stopping never, the search stops by the length so far, not by the longest possible.
set(FILE 05_beam/beam.c)
set(OLD [==[
never ? beam->max_length : beam->n)
]==])
set(NEW [==[
never ? beam->n : beam->n)
]==])
set(FAILS "beam search finds the n best that Hugging Face's finds in a table")
