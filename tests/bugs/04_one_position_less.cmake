# SPDX-License-Identifier: MIT
# The last position of a model is never used (KV-27).
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
m->config.max_positions + 1 : INT_MAX;
]==])
set(NEW [==[
m->config.max_positions : INT_MAX;
]==])
set(FAILS "a text can use all positions of the model and not one more")
