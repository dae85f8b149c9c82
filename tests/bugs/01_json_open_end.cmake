# SPDX-License-Identifier: MIT
# The end of the text closes what is still open.
set(FILE 01_attention/model/json.c)
set(OLD [==[
        if (!more && !take(p, close))
]==])
set(NEW [==[
        if (!more && !take(p, close) && p->at < p->end)
]==])
set(FAILS "JSON that ends too early is an error at every byte")
