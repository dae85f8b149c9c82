# SPDX-License-Identifier: MIT
# Rounds that cannot be shared out evenly are lost.
set(FILE 01_attention/tensor/workers.c)
set(OLD [==[
    const int last = (int)((long long)n_items * (share + 1) / n_shares);
]==])
set(NEW [==[
    const int last = first + n_items / n_shares;
]==])
set(FAILS "a team does every round once")
