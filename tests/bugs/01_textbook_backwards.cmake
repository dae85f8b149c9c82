# SPDX-License-Identifier: MIT
# The triple loop adds the products in the opposite order: the same sum, other bits.
set(FILE 01_attention/tensor/textbook.c)
set(OLD [==[
            for (int k = 0; k < w->n_in; k++)
]==])
set(NEW [==[
            for (int k = w->n_in; k-- > 0;)
]==])
set(FAILS "packed products have the bits of the triple loop")
