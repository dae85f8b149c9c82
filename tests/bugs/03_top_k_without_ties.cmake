# SPDX-License-Identifier: MIT
# Of the tokens that equal the k-th, only as many are kept as make k (KV-79).
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
            if (scores[v] < kth) scores[v] = -INFINITY;
]==])
set(NEW [==[
            if (o->top_k > 0 && v >= o->top_k) scores[ranked[v].id] = kth * 0 - INFINITY;
]==])
set(FAILS "top-k keeps k tokens, and all that equal the k-th")
