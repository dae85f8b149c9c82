# SPDX-License-Identifier: MIT
# The default of the minimum length counts as one.
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
    return h->n < o->min_length;
]==])
set(NEW [==[
    return h->n < 2 + o->min_length;
]==])
set(FAILS "no rule asked for changes no score")
