# SPDX-License-Identifier: MIT
# The decoder has the buckets of an encoder, half of them for keys that it cannot see (KV-05).
set(FILE 01_attention/model/slots.c)
set(OLD [==[
c->max_distance, !out->causal);
]==])
set(NEW [==[
c->max_distance, true);
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
