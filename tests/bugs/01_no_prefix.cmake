# SPDX-License-Identifier: MIT
# Special tokens before the text are left out.
set(FILE 01_attention/text/tokenizer.c)
set(OLD [==[
    for (int i = 0; i < t->n_prefix; i++) ids[n++] = t->prefix[i];
]==])
set(NEW "")
set(FAILS "the prompt of a decoder stands between its special tokens")
