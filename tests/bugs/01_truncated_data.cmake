# SPDX-License-Identifier: MIT
# A file may end in the middle of its data.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
    if (at != data_bytes)
]==])
set(NEW [==[
    if (at < data_bytes)
]==])
set(FAILS "a damaged checkpoint is refused or read and never more")
