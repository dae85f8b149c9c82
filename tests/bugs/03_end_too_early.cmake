# SPDX-License-Identifier: MIT
# The prompt counts among the first min_new_tokens, so the end may come too early (KV-76).
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
return h->n - h->n_prompt < o->min_new_tokens;
]==])
set(NEW [==[
return h->n < o->min_new_tokens;
]==])
set(FAILS "no end token before the minimum length")
