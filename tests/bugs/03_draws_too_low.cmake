# SPDX-License-Identifier: MIT
# Random numbers never reach the upper half.
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
    double left = random_next(random);
]==])
set(NEW [==[
    double left = random_next(random) / 2;
]==])
set(FAILS "100000 draws follow the distribution")
