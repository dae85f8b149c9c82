# SPDX-License-Identifier: MIT
# Ranks count from 0.
set(FILE 02_decoder/main.c)
set(OLD [==[
    int rank = 1;
]==])
set(NEW [==[
    int rank = 0;
]==])
set(FAILS "01 and 02 print tables, and 02 agrees with 04")
