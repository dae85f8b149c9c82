# SPDX-License-Identifier: MIT
# The first token is forced after a prompt of any length.
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
o->forced_bos != UNSET && h->n == 1 ? bos
]==])
set(NEW [==[
o->forced_bos != UNSET && h->n == h->n_prompt ? bos
]==])
set(FAILS "the first token is the forced beginning")
