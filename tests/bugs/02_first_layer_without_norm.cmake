# SPDX-License-Identifier: MIT
# Stage 01 forgets the norm before the first layer's attention; models that have it after the layer look the same.
set(FILE 01_attention/attention.c)
set(OLD [==[
    const float *y = norm_before(s, x, &layer->self_norm, n_rows); // (n_rows, D)
]==])
set(NEW [==[
    const float *y = x;
]==])
set(FAILS "the attention of stage 01 has the bits of stage 02's first layer")
set(PASSES "logits, attention and hidden states equal Hugging Face's")
