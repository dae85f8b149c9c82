# SPDX-License-Identifier: MIT
# Causality counts from the first row of this call instead of from the first of the text (KV-11).
set(FILE 01_attention/attention.c)
set(OLD [==[
            int n_keys = visible_keys(c->a, c->lists, row);
]==])
set(NEW [==[
            int n_keys = c->a->causal ? i + 1 : visible_keys(c->a, c->lists, row);
]==])
set(FAILS "two new rows after three see four and five keys")
set(PASSES "logits, attention and hidden states equal Hugging Face's")
