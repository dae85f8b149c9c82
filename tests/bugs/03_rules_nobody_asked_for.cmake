# SPDX-License-Identifier: MIT
# Where no end token is to be forced, no token at all may come in the last place.
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
    if (o->forced_eos.n && h->n == h->max_length - 1)
]==])
set(NEW [==[
    if (h->n == h->max_length - 1)
]==])
set(FAILS "no rule asked for changes no score")
