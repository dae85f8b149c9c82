# SPDX-License-Identifier: MIT
# Capital letters are not lowered.
set(FILE 01_attention/text/tokenizer.c)
set(OLD [==[
        if (*piece >= 'A' && *piece <= 'Z') *piece += 'a' - 'A';
]==])
set(NEW "")
set(FAILS "letters become ids, any other code point one unknown token")
