# SPDX-License-Identifier: MIT
# A tokenizer may have ids that the model has no embedding for.
set(FILE 01_attention/files/codec.c)
set(OLD [==[
    if (codec->tokenizer.n_tokens > vocab)
]==])
set(NEW [==[
    if (codec->tokenizer.n_tokens < 0)
]==])
set(FAILS "a tokenizer with more tokens than the model is an error")
