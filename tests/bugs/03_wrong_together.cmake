# SPDX-License-Identifier: MIT
# --top-k and its kind are accepted without a temperature, where they do nothing.
set(FILE 03_greedy_nocache/program.c)
set(OLD [==[
    if (p->asked.temperature > 0) return -1;
]==])
set(NEW [==[
    if (p->asked.temperature >= 0) return -1;
]==])
set(FAILS "a wrong command line is refused in one line")
