# SPDX-License-Identifier: MIT
# The first id behind the vocabulary passes for one of it.
set(FILE 01_attention/text/codec.c)
set(OLD [==[
|| errno || number >= vocab)
]==])
set(NEW [==[
|| errno || number > vocab)
]==])
set(FAILS "ids are whole numbers of the vocabulary, or an error that says why")
