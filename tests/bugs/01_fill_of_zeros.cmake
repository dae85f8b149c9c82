# SPDX-License-Identifier: MIT
# The lanes behind the end of a row count as zeros in its variance.
set(FILE 01_attention/tensor/tensor.c)
set(OLD [==[
load_tail(tail, x, n, centre);
]==])
set(NEW [==[
load_tail(tail, x, n, 0);
]==])
set(FAILS "norms and softmax equal double precision, each row as if alone")
