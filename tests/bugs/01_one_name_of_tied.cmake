# SPDX-License-Identifier: MIT
# Tied embeddings are not looked for under the name of the head.
set(FILE 01_attention/model/marian.c)
set(OLD [==[
*const tied = c->tied_head ? head : NULL;
]==])
set(NEW [==[
*const tied = c->tied_head ? NULL : NULL;
]==])
set(FAILS "tied embeddings are found under all of their names")
