# SPDX-License-Identifier: MIT
# The factor of the embeddings is applied to the output too, as they share their table.
set(FILE 01_attention/model/marian.c)
set(OLD [==[
    c->output_scale = 1;
]==])
set(NEW [==[
    c->output_scale = c->embedding_scale;
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
