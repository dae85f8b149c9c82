# SPDX-License-Identifier: MIT
# Norms stand before the sublayers, as in younger models, instead of after the residual.
set(FILE 01_attention/model/marian.c)
set(OLD [==[
    c->norm_place = NORM_AFTER_RESIDUAL;
]==])
set(NEW [==[
    c->norm_place = NORM_BEFORE_SUBLAYER;
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
set(PASSES "cached logits have the bits of uncached ones at every position")
