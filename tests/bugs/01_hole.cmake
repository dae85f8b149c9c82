# SPDX-License-Identifier: MIT
# There may be bytes between tensors that belong to none.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
        if (t->begin != at)
]==])
set(NEW [==[
        if (t->begin < at)
]==])
set(FAILS "tensors fill the data of a checkpoint without hole or overlap")
