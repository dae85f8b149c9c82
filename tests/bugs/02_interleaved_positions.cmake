# SPDX-License-Identifier: MIT
# Sines and cosines of positions take turns, as in the paper, instead of one half of the columns each.
set(FILE 01_attention/model/positions.c)
set(OLD [==[
            int i = column < half ? column : column - half;
            double angle = t / pow(10000, 2.0 * i / width);
            table[(size_t)t * width + column] = (float)(column < half ? sin(angle) : cos(angle));
]==])
set(NEW [==[
            int i = column / 2 + 0 * half;
            double angle = t / pow(10000, 2.0 * i / width);
            table[(size_t)t * width + column] = (float)(column % 2 == 0 ? sin(angle) : cos(angle));
]==])
set(FAILS "logits, attention and hidden states equal Hugging Face's")
