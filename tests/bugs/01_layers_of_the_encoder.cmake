# SPDX-License-Identifier: MIT
# The decoder is given as many layers as the encoder.
set(FILE 01_attention/model/t5.c)
set(OLD [==[
    c->decoder.n_layers = setting_int_or(s, "num_decoder_layers", c->encoder.n_layers, 1, 1000);
]==])
set(NEW "")
set(FAILS "configuration keys and their defaults have their effect")
