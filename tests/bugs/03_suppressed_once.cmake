# SPDX-License-Identifier: MIT
# What may not come at the beginning is suppressed at the forced token, where it does not matter.
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
    const int begin = h->n_prompt + (h->n_prompt <= 1 && o->forced_bos != UNSET);
]==])
set(NEW [==[
    const int begin = h->n_prompt;
]==])
set(FAILS "suppressed tokens never come, others not at the beginning")
