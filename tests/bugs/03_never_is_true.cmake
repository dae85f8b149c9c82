# SPDX-License-Identifier: MIT
# early_stopping "never" is read as true.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
    return EARLY_STOPPING_NEVER;
]==])
set(NEW [==[
    return EARLY_STOPPING_TRUE;
]==])
set(FAILS "early stopping is false, true or never")
