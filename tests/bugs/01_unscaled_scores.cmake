# SPDX-License-Identifier: MIT
# The scores of a query and its keys are not divided by sqrt(Dh).
set(FILE 01_attention/attention.c)
set(OLD [==[
    scale(weights, a->scale, (size_t)H * n_keys);
]==])
set(NEW "")
set(FAILS "logits, attention and hidden states equal Hugging Face's")
set(PASSES "cached logits have the bits of uncached ones at every position")
