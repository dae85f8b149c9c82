# SPDX-License-Identifier: MIT
# Blocks that come back keep their numbers, so a test would not notice who still reads them.
set(FILE 01_attention/tensor/kv.c)
set(OLD [==[
    if (--block->references) return;
    poison(pool, block);
]==])
set(NEW [==[
    if (--block->references) return;
]==])
set(FAILS "blocks that come back are poisoned")
