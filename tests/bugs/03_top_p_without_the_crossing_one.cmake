# SPDX-License-Identifier: MIT
# The token that crosses p is dropped (KV-79).
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
        sum += probabilities[ranked[i].id];
        if ((float)sum <= limit) scores[ranked[i].id] = -INFINITY;
]==])
set(NEW [==[
        if ((float)sum <= limit) scores[ranked[i].id] = -INFINITY;
        sum += probabilities[ranked[i].id];
]==])
set(FAILS "top-p keeps the best that together reach p")
