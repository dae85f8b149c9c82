# SPDX-License-Identifier: MIT
# A hypothesis writes to the block that it shares with others, instead of taking a copy (KV-55).
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
    else if (kv->blocks[b]->references > 1) {
]==])
set(NEW [==[
    else if (kv->blocks[b]->references > 1000) {
]==])
set(FAILS "a shared block is copied before it is written")
set(PASSES "cached logits have the bits of uncached ones at every position")
