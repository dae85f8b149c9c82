# SPDX-License-Identifier: MIT
# Half of a surrogate pair passes for a character.
set(FILE 01_attention/model/json.c)
set(OLD [==[
    if (code >= 0xD800 && code < 0xE000)
        fail(p->error, "%s:%d: lone surrogate in a string", p->file, p->line);
]==])
set(NEW "")
set(FAILS "JSON strings with lone surrogates, control characters or wrong escapes are refused")
