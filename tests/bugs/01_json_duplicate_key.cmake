# SPDX-License-Identifier: MIT
# A key may occur twice in one object.
set(FILE 01_attention/model/json.c)
set(OLD [==[
        if (!strcmp(a->key, b->key))
]==])
set(NEW [==[
        if (a->key == b->key)
]==])
set(FAILS "JSON errors name what was expected, what was found and the line")
