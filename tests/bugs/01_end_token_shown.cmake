# SPDX-License-Identifier: MIT
# Special tokens are shown in results.
set(FILE 01_attention/text/codec.c)
set(OLD [==[
    return codec->as_ids || !tokenizer_special(&codec->tokenizer, id);
]==])
set(NEW [==[
    return codec->as_ids || tokenizer_token(&codec->tokenizer, id);
]==])
set(FAILS "results of texts show no special tokens")
