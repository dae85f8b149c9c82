# SPDX-License-Identifier: MIT
# The table is read column by column.
set(FILE 01_attention/model/positions.c)
set(OLD [==[
table[(size_t)bucket * n_heads + h];
]==])
set(NEW [==[
table[(size_t)h * n_buckets + bucket];
]==])
set(FAILS "relative bias is stored by head and distance")
