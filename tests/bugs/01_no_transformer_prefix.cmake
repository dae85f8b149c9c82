# SPDX-License-Identifier: MIT
# Names of tensors that begin with transformer. are not found.
set(FILE 01_attention/model/gpt2.c)
set(OLD [==[
        l->prefix = "transformer.";
]==])
set(NEW [==[
        l->prefix = "";
]==])
set(FAILS "a model is the same in F32, F16 and BF16, with dead tensors and with a prefix")
