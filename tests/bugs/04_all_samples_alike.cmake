# SPDX-License-Identifier: MIT
# All samples of a text draw the same random numbers.
set(FILE 04_kvcache/single.c)
set(OLD [==[
item->line->max_length, item->sample);
]==])
set(NEW [==[
item->line->max_length, 0);
]==])
set(FAILS "03 and 04 print the same bytes however they are asked")
