# SPDX-License-Identifier: MIT
# gated-gelu is taken for the GELU with erf; it means the one with tanh.
set(FILE 01_attention/model/t5.c)
set(OLD [==[
{"gated-gelu", true, GELU_NEW}, // sic
]==])
set(NEW [==[
{"gated-gelu", true, GELU},
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
