# SPDX-License-Identifier: MIT
# Among equal scores the highest id wins (KV-69).
set(FILE 01_attention/tensor/tensor.c)
set(OLD [==[
        if (x[i] > x[best]) best = i;
]==])
set(NEW [==[
        if (x[i] >= x[best]) best = i;
]==])
set(FAILS "temperature 0 picks the best, the lowest id among equals")
