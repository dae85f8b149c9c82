# SPDX-License-Identifier: MIT
# A file that is too short for the length of its header is not noticed as such.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    if (end < 8)
]==])
set(NEW [==[
    if (end < 1)
]==])
set(FAILS "a file of less than 8 bytes, or none, is no checkpoint")
