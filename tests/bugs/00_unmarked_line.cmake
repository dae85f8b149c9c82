# SPDX-License-Identifier: MIT
# A line that only stage 04 has does not say so.
set(FILE 04_kvcache/kvcache.c)
set(OLD [==[
 // NEW in 04: and so is the source
]==])
set(NEW "")
set(FAILS "what the loop of 04 has and that of 02 has not is marked")
