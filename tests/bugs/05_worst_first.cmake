# SPDX-License-Identifier: MIT
# Results come in the order of the hypotheses, the best last.
set(FILE 05_beam/beam.c)
set(OLD [==[
    for (int k = 0; k < beam->B; k++)
        if (beam->pool[k].finished
]==])
set(NEW [==[
    for (int k = beam->B - 1; k >= 0; k--)
        if (beam->pool[k].finished
]==])
set(FAILS "05 prints n lines per text, best first, however it is asked")
