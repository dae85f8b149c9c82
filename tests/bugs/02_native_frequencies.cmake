# SPDX-License-Identifier: MIT
# Positions with the frequencies of the program Marian; Hugging Face's copies of its models use others.
set(FILE 01_attention/model/positions.c)
set(OLD [==[
            double angle = t / pow(10000, 2.0 * i / width);
]==])
set(NEW [==[
            double angle = t * exp(-i * log(10000) / (width / 2.0 - 1));
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
