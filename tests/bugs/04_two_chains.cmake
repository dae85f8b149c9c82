# SPDX-License-Identifier: MIT
# One row by itself, as a cached step has it: its sums run in two chains, even and odd k, which are added at the end.
# The words stay the same, the bits do not.
set(FILE 01_attention/tensor/packed.c)
set(OLD [==[
    assert(w->width % 16 == 0);
]==])
set(NEW [==[
    assert(w->width % 16 == 0);
    if (n_rows == 1) {
        for (int o = first * w->width; o < last * w->width && o < w->n_out; o++) {
            const float *column = w->values + (size_t)(o / w->width) * w->n_in * w->width + o % w->width;
            float even = bias ? bias[o] : 0, odd = 0;
            for (int k = 0; k < w->n_in; k++)
                if (k % 2 == 0) even = MADD(x[k], column[(size_t)k * w->width], even);
                else odd = MADD(x[k], column[(size_t)k * w->width], odd);
            y[o] = even + odd;
        }
        return;
    }
]==])
set(FAILS "cached logits have the bits of uncached ones at every position")
set(PASSES "greedy tokens equal Hugging Face's")
