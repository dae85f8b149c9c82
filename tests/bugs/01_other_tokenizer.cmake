# SPDX-License-Identifier: MIT
# A tokenizer that cuts texts otherwise is accepted, and then cuts them as the one it is not.
set(FILE 01_attention/text/tokenizer.c)
set(OLD [==[
    section(file, "normalizer", "Lowercase");
]==])
set(NEW "")
set(FAILS "whatever else a tokenizer may have is refused by name")
