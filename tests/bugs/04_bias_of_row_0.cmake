# SPDX-License-Identifier: MIT
# Relative distances count from the first row of this call instead of from the row's position (KV-04).
set(FILE 01_attention/attention.c)
set(OLD [==[
c->queries + i * inner, row->position,
]==])
set(NEW [==[
c->queries + i * inner, i,
]==])
set(FAILS "cached logits have the bits of uncached ones at every position")
set(PASSES "logits, attention and hidden states equal Hugging Face's")
