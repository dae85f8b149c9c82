# SPDX-License-Identifier: MIT
# A target text gets no end token.
set(FILE 01_attention/text/codec.c)
set(OLD [==[
    if (!codec->as_ids && m->ids.n_eos) out->ids[out->n++]
]==])
set(NEW [==[
    if (codec->as_ids && m->ids.n_eos) out->ids[out->n++]
]==])
set(FAILS "texts and targets are tokens, or an error that says why")
