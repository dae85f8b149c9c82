# SPDX-License-Identifier: MIT
# The end token is forced one token too late: never (KV-75).
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
    if (o->forced_eos.n && h->n == h->max_length - 1)
]==])
set(NEW [==[
    if (o->forced_eos.n && h->n == h->max_length)
]==])
set(FAILS "the last token is the forced end, free of charge")
