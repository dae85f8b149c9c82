# SPDX-License-Identifier: MIT
# The size of a block is computed in int (KV-32).
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
(size_t)2 * KV_BLOCK * pool->width;
]==])
set(NEW [==[
(int)(2u * KV_BLOCK * pool->width);
]==])
set(FAILS "sizes of blocks do not overflow")
