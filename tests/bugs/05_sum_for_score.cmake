# SPDX-License-Identifier: MIT
# Results show their sum instead of their score.
set(FILE 05_beam/main.c)
set(OLD [==[
h->n, h->score);
]==])
set(NEW [==[
h->n, h->sum);
]==])
set(FAILS "the first words of the dictionary come out as Hugging Face's")
