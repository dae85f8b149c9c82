# SPDX-License-Identifier: MIT
# Every step projects keys and values for the cross-attention again, and throws them away: right, but no cache (KV-23).
set(FILE 04_kvcache/kvcache.c)
set(OLD [==[
            KV *cross = cache->cross[l]; // NEW in 04: and so is the source
]==])
set(NEW [==[
            KV *cross = cache->cross[l]; // NEW in 04: and so is the source
            KV *again = lists_new(s, &s->scratch, &layer->cross, cache->n_slots);
            attention_store(s, &layer->cross, again, y, rows, n_rows);
            for (int i = 0; i < cache->n_slots; i++) kv_drop(&again[i]);
]==])
set(FAILS "a cached step computes one row and one key per layer")
set(PASSES "cached logits have the bits of uncached ones at every position")
