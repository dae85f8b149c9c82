# SPDX-License-Identifier: MIT
# The list that takes its own copy of a shared block keeps its share of the old one (KV-55).
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
        kv->blocks[b] = copy_block(kv->pool, shared);
        return_block(kv->pool, shared);
]==])
set(NEW [==[
        kv->blocks[b] = copy_block(kv->pool, shared);
]==])
set(FAILS "the cache can be reordered by every map of parents")
set(PASSES "cached logits have the bits of uncached ones at every position")
