# SPDX-License-Identifier: MIT
# The prompt counts among the new tokens.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
*max_length = P + o->max_new_tokens;
]==])
set(NEW [==[
*max_length = o->max_new_tokens;
]==])
set(FAILS "the longest output is asked for, stored, or what fits")
