# SPDX-License-Identifier: MIT
# Of an odd number of columns the larger half are cosines.
set(FILE 01_attention/model/positions.c)
set(OLD [==[
    const int half = (width + 1) / 2;
]==])
set(NEW [==[
    const int half = width / 2;
]==])
set(FAILS "sinusoidal positions are those of Hugging Face")
