# SPDX-License-Identifier: MIT
# Random numbers of 53 bits are taken for ones of 52.
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
>> 11) * 0x1p-53;
]==])
set(NEW [==[
>> 11) * 0x1p-52;
]==])
set(FAILS "random numbers are uniform")
