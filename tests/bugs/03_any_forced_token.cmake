# SPDX-License-Identifier: MIT
# A stored token to be forced may be one that the model does not have.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
"forced_bos_token_id", UNSET, 0, o->vocab - 1);
]==])
set(NEW [==[
"forced_bos_token_id", UNSET, 0, o->vocab + MANY);
]==])
set(FAILS "a bad stored option is an error with file, line and key")
