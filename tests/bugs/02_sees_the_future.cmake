# SPDX-License-Identifier: MIT
# A row also sees the key behind its own, where there is one already: the token that it should predict.
set(FILE 01_attention/attention.c)
set(OLD [==[
    return a->causal ? row->position + 1 : lists[row->sequence].length;
]==])
set(NEW [==[
    const int length = lists[row->sequence].length;
    return a->causal && row->position + 2 < length ? row->position + 2 : length;
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
