# SPDX-License-Identifier: MIT
# A header may be longer than the file: the sum of 8 and its length is not compared.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    if (8 + n > size)
]==])
set(NEW [==[
    if (n > size)
]==])
set(FAILS "a safetensors header must be JSON of the length that the file says")
