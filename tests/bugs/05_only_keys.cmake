# SPDX-License-Identifier: MIT
# A copied block gets the keys, but not the values (KV-24).
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
    memcpy(copy->keys, block->keys, kv_block_bytes(pool));
]==])
set(NEW [==[
    memcpy(copy->keys, block->keys, kv_block_bytes(pool) / 2);
]==])
set(FAILS "the cache can be reordered by every map of parents")
