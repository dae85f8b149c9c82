# SPDX-License-Identifier: MIT
# A tensor may have more than two offsets.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
offsets->count != 2 ||
]==])
set(NEW [==[
offsets->count < 2 ||
]==])
set(FAILS "every field of a tensor is checked, and the tensor named")
