# SPDX-License-Identifier: MIT
# A token that has occurred twice is penalised twice (KV-77).
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
        if (!seen) scores[id]
]==])
set(NEW [==[
        if (seen || !seen) scores[id]
]==])
set(FAILS "the repetition penalty acts once per token, by the sign of its score")
