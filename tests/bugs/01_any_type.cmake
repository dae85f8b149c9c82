# SPDX-License-Identifier: MIT
# A tensor of any type is read as if it were F16.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    if (!f32 && !bf16 && strcmp(tensor->dtype, "F16"))
]==])
set(NEW [==[
    if (!f32 && !bf16 && !strcmp(tensor->dtype, ""))
]==])
set(FAILS "tensors may have mixed types, but only types that can be read")
