# SPDX-License-Identifier: MIT
# The keys and values of all texts of a batch are appended to the first one's list.
set(FILE 01_attention/attention.c)
set(OLD [==[
        kv_append(&lists[rows[i].sequence], keys
]==])
set(NEW [==[
        kv_append(&lists[rows[0].sequence], keys
]==])
set(FAILS "a ragged batch has the bits of each text alone")
set(PASSES "cached logits have the bits of uncached ones at every position")
