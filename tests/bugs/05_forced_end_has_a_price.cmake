# SPDX-License-Identifier: MIT
# A forced token adds its log-probability to the score instead of 0 (KV-75).
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
        for (int v = 0; v < o->vocab; v++) scores[v] = -INFINITY;
        for (int i = 0; i < list->n; i++) scores[list->ids[i]] = 0;
]==])
set(NEW [==[
        for (int v = 0; v < o->vocab; v++)
            if (v != list->ids[0]) scores[v] = -INFINITY;
]==])
set(FAILS "a forced end token costs nothing in the score")
