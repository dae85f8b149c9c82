# SPDX-License-Identifier: MIT
# The cache is not put in the order of the hypotheses, so they continue each other's past.
set(FILE 04_kvcache/batch.c)
set(OLD [==[
    if (goes_on && job->search->parents)
        kvcache_reorder(b->cache, slot_of(b, job->place), job->search->n_rows, job->search->parents);
]==])
set(NEW "")
set(FAILS "n best and scores equal Hugging Face's")
set(PASSES "one beam is greedy decoding with a score")
