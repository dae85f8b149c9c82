# SPDX-License-Identifier: MIT
# The length that a score is divided by includes the prompt.
set(FILE 05_beam/beam.c)
set(OLD [==[
    return (float)pow(n - beam->n_prompt, beam->options->length_penalty);
]==])
set(NEW [==[
    return (float)pow(n, beam->options->length_penalty);
]==])
set(FAILS "beam search finds the n best that Hugging Face's finds in a table")
