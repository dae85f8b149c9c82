# SPDX-License-Identifier: MIT
# A variable outside of functions: two models in one program would share it.
set(FILE 01_attention/passes.c)
set(OLD [==[
float *embed(State *s,
]==])
set(NEW [==[
static int n_calls;

float *embed(State *s,
]==])
set(FAILS "no variable lives longer than its function")
