# SPDX-License-Identifier: MIT
# A configuration that does not give the end token has none.
set(FILE 01_attention/model/gpt2.c)
set(OLD [==[
    if (c->vocab > END_OF_TEXT) m->ids
]==])
set(NEW [==[
    if (c->vocab < 0) m->ids
]==])
set(FAILS "the end of text of GPT-2 is known")
