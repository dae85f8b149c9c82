# SPDX-License-Identifier: MIT
# What follows the last n tokens is banned, not what follows the last n - 1 (KV-78).
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
    for (int i = n - 1; i < h->n; i++)
        if (ends_with(h->ids, i, h->ids + h->n - (n - 1), n - 1))
]==])
set(NEW [==[
    for (int i = n; i < h->n; i++)
        if (ends_with(h->ids, i, h->ids + h->n - n, n))
]==])
set(FAILS "n-grams are not repeated, whatever n")
