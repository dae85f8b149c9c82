# SPDX-License-Identifier: MIT
# A bad word that is the end token alone bans every end.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
        if (word.n > 1 || (word.n && !is_end(o->special, *word.ids)))
]==])
set(NEW [==[
        if (word.n)
]==])
set(FAILS "the end token is no bad word")
