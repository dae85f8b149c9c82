# SPDX-License-Identifier: MIT
# Every layer must have a table of relative positions, though in T5 only the first has.
set(FILE 01_attention/model/t5.c)
set(OLD [==[
slot_exists(l, name, stack, i) ? i : 0);
]==])
set(NEW [==[
i);
]==])
set(FAILS "relative bias belongs to the layer, or to all from the first")
