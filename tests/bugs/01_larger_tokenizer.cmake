# SPDX-License-Identifier: MIT
# A tokenizer may have ids that the model has no embedding for.
set(FILE 01_attention/text/codec.c)
set(OLD [==[
    if (codec->tokenizer.n_tokens <= vocab) return true;
]==])
set(NEW [==[
    if (vocab > 0) return true;
]==])
set(FAILS "a tokenizer with more tokens than the model is an error")
