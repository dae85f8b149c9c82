# SPDX-License-Identifier: MIT
# The logarithm of 2 has one part instead of two, so e^x loses digits where x is large.
set(FILE 01_attention/tensor/elementary.h)
set(OLD [==[
    r = MADD(whole, 2.12194440e-4f, r);
]==])
set(NEW "")
set(FAILS "errors of the elementary functions are small everywhere")
