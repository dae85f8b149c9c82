# SPDX-License-Identifier: MIT
# All layers take the relative positions of layer 0, as in T5; in UMT5 each has its own (KV-06).
set(FILE 01_attention/model/t5.c)
set(OLD [==[
slot_exists(l, name, stack, i) ? i : 0);
]==])
set(NEW [==[
0);
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
