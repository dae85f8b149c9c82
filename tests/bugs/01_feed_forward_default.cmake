# SPDX-License-Identifier: MIT
# Where the width of the feed-forward layer is not given, it is twice the model's instead of four times.
set(FILE 01_attention/model/gpt2.c)
set(OLD [==[
"n_inner", 4 * c->width,
]==])
set(NEW [==[
"n_inner", 2 * c->width,
]==])
set(FAILS "configuration keys and their defaults have their effect")
