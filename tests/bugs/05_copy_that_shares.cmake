# SPDX-License-Identifier: MIT
# A copied list has the blocks of the original.
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
out->blocks[b] = copy_block(kv->pool, kv->blocks[b]);
]==])
set(NEW [==[
out->blocks[b] = kv->blocks[b], kv->blocks[b]->references++;
]==])
set(FAILS "a copied list shares nothing")
