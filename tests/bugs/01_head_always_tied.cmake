# SPDX-License-Identifier: MIT
# A head with weights of its own gets the embeddings.
set(FILE 01_attention/model/marian.c)
set(OLD [==[
    if (!c->tied_head) table =
]==])
set(NEW [==[
    if (!c->tied_head && !table) table =
]==])
set(FAILS "a head or an encoder with a table of its own gets it")
