# SPDX-License-Identifier: MIT
# Each byte of a character becomes a token of its own.
set(FILE 01_attention/text/tokenizer.c)
set(OLD [==[
        int length = utf8_length(text);
]==])
set(NEW [==[
        int length = 1;
]==])
set(FAILS "letters become ids, any other code point one unknown token")
