# SPDX-License-Identifier: MIT
# The binary search for a token leaves out one name too many.
set(FILE 01_attention/text/tokenizer.c)
set(OLD [==[
        if (order < 0) high = middle;
]==])
set(NEW [==[
        if (order < 0) high = middle - 1;
]==])
set(FAILS "every token is found by its name and no other")
