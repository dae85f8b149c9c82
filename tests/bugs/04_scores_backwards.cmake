# SPDX-License-Identifier: MIT
# Scores add their products in the opposite order: cached and uncached alike, but not as they are defined.
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
    for (int d = 0; d < Dh; d++)
]==])
set(NEW [==[
    for (int d = Dh; d-- > 0;)
]==])
set(FAILS "scores and mixes of keys and values are single sums in order")
set(PASSES "cached logits have the bits of uncached ones at every position")
