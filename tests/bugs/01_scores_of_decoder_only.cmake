# SPDX-License-Identifier: MIT
# The scores of a decoder-only model are not scaled.
set(FILE 01_attention/model/gpt2.c)
set(OLD [==[
    c->scaled_scores = true;
]==])
set(NEW [==[
    c->scaled_scores = false;
]==])
set(FAILS "random models of every choice load as what they are")
