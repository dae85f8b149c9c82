# SPDX-License-Identifier: MIT
# There may be bytes behind the last tensor.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    if (at != data_bytes)
]==])
set(NEW [==[
    if (at > data_bytes)
]==])
set(FAILS "tensors fill the data of a checkpoint without hole or overlap")
