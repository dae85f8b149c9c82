# SPDX-License-Identifier: MIT
# The keys and values of all texts of a batch are appended to the first one's list.
set(FILE 01_attention/attention.c)
set(OLD [==[
    for (int i = 0; i < n_rows; i++) kv_append(&lists[rows[i].sequence],
]==])
set(NEW [==[
    for (int i = 0; i < n_rows; i++) kv_append(&lists[rows[0].sequence],
]==])
set(FAILS "a ragged batch has the bits of each text alone")
set(PASSES "cached logits have the bits of uncached ones at every position")
