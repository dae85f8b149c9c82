# SPDX-License-Identifier: MIT
# Keys and values are written one slot behind their own; the first slot of a block holds nothing.
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
    int slot = kv->length++ % KV_BLOCK, Dh = kv->head_width;
]==])
set(NEW [==[
    int slot = ++kv->length % KV_BLOCK, Dh = kv->head_width;
]==])
set(FAILS "unused slots full of NaN are never read")
