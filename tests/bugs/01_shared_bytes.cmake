# SPDX-License-Identifier: MIT
# Tensors may overlap.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
        if (t->begin != at)
]==])
set(NEW [==[
        if (t->begin > at)
]==])
set(FAILS "tensors cannot share bytes")
