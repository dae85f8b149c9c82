# SPDX-License-Identifier: MIT
# Slots are overwritten one after the other, although later ones may still need them as parents (KV-40).
set(FILE 04_kvcache/kvcache.c)
set(OLD [==[
        }
        for (int b = 0; b < n; b++) {
            kv_drop(&lists[b]);
]==])
set(NEW [==[
            kv_drop(&lists[b]);
]==])
set(FAILS "the cache can be reordered by every map of parents")
set(PASSES "one beam is greedy decoding with a score")
