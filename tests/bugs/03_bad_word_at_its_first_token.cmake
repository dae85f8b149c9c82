# SPDX-License-Identifier: MIT
# A bad word of several tokens is banned at its last token even where its beginning does not precede.
set(FILE 03_greedy_nocache/processors.c)
set(OLD [==[
        if (ends_with(h->ids, h->n, word->ids, word->n - 1))
]==])
set(NEW [==[
        if (word->n > 0)
]==])
set(FAILS "bad words are banned at their last token")
