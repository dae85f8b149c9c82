# SPDX-License-Identifier: MIT
# Tensors are searched by name in the order of their offsets.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    qsort(c->tensors, c->n_tensors, sizeof *c->tensors, by_name);
]==])
set(NEW "")
set(FAILS "20000 tensors are sorted, found and read")
