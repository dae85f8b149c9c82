# SPDX-License-Identifier: MIT
# The length penalty of the command line is forgotten.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
    if (asked->length_penalty > UNSET_REAL) o->length_penalty = asked->length_penalty;
]==])
set(NEW "")
set(FAILS "the command line wins over stored options")
