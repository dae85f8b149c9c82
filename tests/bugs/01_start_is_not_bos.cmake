# SPDX-License-Identifier: MIT
# A model that gives no start token does not start with its bos token.
set(FILE 01_attention/model/model.c)
set(OLD [==[
    if (ids->start < 0) ids->start = ids->bos;
]==])
set(NEW "")
set(FAILS "special tokens come from generation options, else configuration, else family")
