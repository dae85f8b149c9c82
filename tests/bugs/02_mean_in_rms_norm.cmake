# SPDX-License-Identifier: MIT
# RMSNorm divides by the deviation from the mean, as LayerNorm does.
set(FILE 01_attention/tensor/tensor.c)
set(OLD [==[
mean_square(x, 0, n) + epsilon);
]==])
set(NEW [==[
mean_square(x, mean_of_row(x, n), n) + epsilon);
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
