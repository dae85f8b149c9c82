# SPDX-License-Identifier: MIT
# The end token that is forced by default is forced whatever a generation_config.json says.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
    if (!whole && m->forced_eos_by_default >= 0
]==])
set(NEW [==[
    if (m->forced_eos_by_default >= 0
]==])
set(FAILS "only a Marian directory that says nothing forces its end")
