# SPDX-License-Identifier: MIT
# With several threads each but the first leaves out one panel of the matrix (KV-62).
set(FILE 01_attention/tensor/tensor.c)
set(OLD [==[
p->n_rows, first, last);
]==])
set(NEW [==[
p->n_rows, first + (first > 0 && last - first > 1), last);
]==])
set(FAILS "threads change no bit of a product")
