# SPDX-License-Identifier: MIT
# A row sees the keys before its own, but not its own: the length is taken before the append (KV-19).
set(FILE 01_attention/attention.c)
set(OLD [==[
    return a->causal ? row->position + 1 : lists[row->sequence].length;
]==])
set(NEW [==[
    return a->causal ? row->position : lists[row->sequence].length;
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
