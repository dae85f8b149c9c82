# SPDX-License-Identifier: MIT
# The first of the bad words is forgotten: the pad token (KV-74).
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
    for (int i = 0; i < o->n_bad_words; i++) {
]==])
set(NEW [==[
    for (int i = 1; i < o->n_bad_words; i++) {
]==])
set(FAILS "a pad logit of 0 wins unless it is banned")
