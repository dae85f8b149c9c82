# SPDX-License-Identifier: MIT
# All new rows get the position of the first (KV-13).
set(FILE 04_kvcache/kvcache.c)
set(OLD [==[
        rows[i].position += kvcache_length(c, slot);
]==])
set(NEW [==[
        rows[i].position = kvcache_length(c, slot);
]==])
set(FAILS "a prompt in pieces has the bits of the whole")
