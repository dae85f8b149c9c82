# SPDX-License-Identifier: MIT
# The penalty divides negative scores as well, which makes them more likely (KV-77).
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
scores[id] < 0 ? scores[id] * p : scores[id] / p;
]==])
set(NEW [==[
scores[id] / p;
]==])
set(FAILS "processed and sampled probabilities equal Hugging Face's")
