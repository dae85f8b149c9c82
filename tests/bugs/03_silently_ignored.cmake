# SPDX-License-Identifier: MIT
# Stored options that would change the output are ignored without a word.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
    if (notes && !error->set) note_ignored(&stored);
]==])
set(NEW "")
set(FAILS "stored options that are ignored are noted")
