# SPDX-License-Identifier: MIT
# Causality counts from the first row of this call instead of from the first of the text (KV-11).
set(FILE 01_attention/attention.c)
set(OLD [==[
static int visible_keys(const Attention *a, const KV *lists, const Row *row)
{
    return a->causal ? row->position + 1 : lists[row->sequence].length;
}
]==])
set(NEW [==[
static int visible_keys(const Attention *a, const KV *lists, const Row *row)
{
    int i = 0;
    while (i < row->position && row[-i].position > 0 && row[-i - 1].sequence == row->sequence) i++;
    return a->causal ? i + 1 : lists[row->sequence].length;
}
]==])
set(FAILS "two new rows after three see four and five keys")
set(PASSES "logits, attention and hidden states equal Hugging Face's")
