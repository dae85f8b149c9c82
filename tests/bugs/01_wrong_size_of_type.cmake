# SPDX-License-Identifier: MIT
# BOOL is taken for a bit; it is a byte.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
{"BOOL", 8}
]==])
set(NEW [==[
{"BOOL", 1}
]==])
set(FAILS "all types of the format are known and three of them are read")
