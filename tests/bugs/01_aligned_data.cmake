# SPDX-License-Identifier: MIT
# Tensors are looked for at multiples of 8 bytes.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    uint64_t position = c->data + tensor->begin;
]==])
set(NEW [==[
    uint64_t position = (c->data + tensor->begin + 7) / 8 * 8;
]==])
set(FAILS "tensors need no alignment")
