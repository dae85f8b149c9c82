# SPDX-License-Identifier: MIT
# Chunks that were filled before a reset are taken for full.
set(FILE 01_attention/tensor/memory.c)
set(OLD [==[
        if (chunk) chunk->used = 0;
]==])
set(NEW "")
set(FAILS "arenas use their memory again")
