# SPDX-License-Identifier: MIT
# The program prints its sum in another form than the documents show.
set(FILE 02_decoder/main.c)
set(OLD [==[
    printf("sum\t%.4f\n", (double)sum);
]==])
set(NEW [==[
    printf("sum:\t%.4f\n", (double)sum);
]==])
set(FAILS "printed commands print what the documents say")
