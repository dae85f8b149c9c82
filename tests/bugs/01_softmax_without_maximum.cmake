# SPDX-License-Identifier: MIT
# Softmax does not subtract the largest score first (KV-66).
set(FILE 01_attention/tensor/tensor.c)
set(OLD [==[
    const float max = max_of_row(x, tail, n);
    float sum[LANES] = {0};
]==])
set(NEW [==[
    const float max = 0 * max_of_row(x, tail, n);
    float sum[LANES] = {0};
]==])
set(FAILS "softmax survives scores of ten thousand")
set(PASSES "logits, attention and hidden states equal Hugging Face's")
