# SPDX-License-Identifier: MIT
# A number larger than an int loses its upper bits.
set(FILE 01_attention/model/json.c)
set(OLD [==[
    if (errno || number < INT_MIN || number > INT_MAX) return false;
]==])
set(NEW [==[
    if (errno) return false;
]==])
set(FAILS "JSON numbers are read as 64 bit, int or double, and refused outside")
