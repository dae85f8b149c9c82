# SPDX-License-Identifier: MIT
# The example of --help does not work in a fresh clone.
set(FILE 04_kvcache/main.c)
set(OLD [==[
"build/04_kvcache data/marian transformer"
]==])
set(NEW [==[
"build/04_kvcache opus-mt-en-de transformer"
]==])
set(FAILS "every program explains itself")
