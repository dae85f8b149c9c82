# SPDX-License-Identifier: MIT
# Hypotheses get the source of the first text of the batch instead of their own (KV-41).
set(FILE 04_kvcache/kvcache.c)
set(OLD [==[
kv_share(&c->cross[l][to], &c->cross[l][from]);
]==])
set(NEW [==[
kv_share(&c->cross[l][to], &c->cross[l][from * 0]);
]==])
set(FAILS "n best and scores do not depend on batch or way of reordering")
