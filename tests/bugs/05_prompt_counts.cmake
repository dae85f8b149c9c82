# SPDX-License-Identifier: MIT
# The length that a score is divided by includes the prompt.
set(FILE 05_beam/beam.c)
set(OLD [==[
length_divisor(beam->options, n - beam->n_prompt)
]==])
set(NEW [==[
length_divisor(beam->options, n)
]==])
set(FAILS "beam search finds the n best that Hugging Face's finds in a table")
