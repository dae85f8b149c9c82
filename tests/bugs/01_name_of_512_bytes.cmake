# SPDX-License-Identifier: MIT
# The longest name is one byte too short.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    if (strlen(name) > LONGEST_NAME)
]==])
set(NEW [==[
    if (strlen(name) >= LONGEST_NAME)
]==])
set(FAILS "names of tensors may be escaped, empty or 512 bytes long")
