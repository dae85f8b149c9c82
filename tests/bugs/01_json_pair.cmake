# SPDX-License-Identifier: MIT
# A surrogate pair becomes a code point that is too small by 0x10000.
set(FILE 01_attention/model/json.c)
set(OLD [==[
0x10000 + ((code - 0xD800) << 10)
]==])
set(NEW [==[
((code - 0xD800) << 10)
]==])
set(FAILS "JSON strings are decoded with escapes and surrogate pairs")
