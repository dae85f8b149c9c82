# SPDX-License-Identifier: MIT
# The help on an option does not say its default.
set(FILE 03_greedy_nocache/program.c)
set(OLD [==[
texts decoded together in 04 and 05 (default 16)
]==])
set(NEW [==[
texts decoded together in 04 and 05
]==])
set(FAILS "every program explains itself")
