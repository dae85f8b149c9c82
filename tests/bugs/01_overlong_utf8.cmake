# SPDX-License-Identifier: MIT
# Characters may be encoded in more bytes than they need.
set(FILE 01_attention/text/utf8.c)
set(OLD [==[
        if ((n == 3 && code_point < 0x800) || (n == 4 && code_point < 0x10000)) return false; // overlong
]==])
set(NEW "")
set(FAILS "UTF-8 is checked for overlong forms, surrogates and the end of Unicode")
