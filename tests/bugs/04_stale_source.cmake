# SPDX-License-Identifier: MIT
# A slot keeps the source of the text that was there before (KV-23).
set(FILE 04_kvcache/kvcache.c)
set(OLD [==[
        if (c->cross[l]) kv_drop(&c->cross[l][slot]);
]==])
set(NEW "")
set(FAILS "a used cache has the bits of a fresh one")
