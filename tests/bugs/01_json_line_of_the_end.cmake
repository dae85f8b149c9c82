# SPDX-License-Identifier: MIT
# Lines are not counted in the white space between values.
set(FILE 01_attention/model/json.c)
set(OLD [==[
        if (*p->at == '\n') p->line++;
]==])
set(NEW [==[
        if (*p->at == '\v') p->line++;
]==])
set(FAILS "JSON members keep their order and line and are found by key")
