# SPDX-License-Identifier: MIT
# The tensor that holds query, key and value is read as query, value, key.
set(FILE 01_attention/model/gpt2.c)
set(OLD [==[
        slot_conv1d(l, &layer->self.key, D, D, 1, 3, "h.%d.attn.c_attn", i);
        slot_conv1d(l, &layer->self.value, D, D, 2, 3, "h.%d.attn.c_attn", i);
]==])
set(NEW [==[
        slot_conv1d(l, &layer->self.key, D, D, 2, 3, "h.%d.attn.c_attn", i);
        slot_conv1d(l, &layer->self.value, D, D, 1, 3, "h.%d.attn.c_attn", i);
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
set(PASSES "cached logits have the bits of uncached ones at every position")
