# SPDX-License-Identifier: MIT
# One level of nesting too few is allowed.
set(FILE 01_attention/model/json.c)
set(OLD [==[
    if (++p->depth > DEEPEST)
]==])
set(NEW [==[
    if (++p->depth >= DEEPEST)
]==])
set(FAILS "JSON may be nested 128 deep but not 129")
