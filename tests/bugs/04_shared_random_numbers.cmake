# SPDX-License-Identifier: MIT
# All texts draw from one stream of random numbers, so a sample depends on what is decoded beside it (KV-81).
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
    double left = random_next(random);
]==])
set(NEW [==[
    static uint64_t n_drawn;
    random->state = n_drawn++;
    double left = random_next(random);
]==])
set(FAILS "a sample depends on its seed and number only")
