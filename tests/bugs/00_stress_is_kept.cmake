# SPDX-License-Identifier: MIT
# The error rates without stress are those with stress.
set(FILE tests/bench/evaluate.c)
set(OLD [==[
    return length - stressed;
]==])
set(NEW [==[
    return length - stressed * 0;
]==])
set(FAILS "evaluate on inputs with known answers")
