# SPDX-License-Identifier: MIT
# What does not fit into the buffer becomes the next line.
set(FILE 01_attention/cli.c)
set(OLD [==[
    while ((c = getchar()) != EOF && c != '\n') {
]==])
set(NEW [==[
    while (*length <= LONGEST_LINE && (c = getchar()) != EOF && c != '\n') {
]==])
set(FAILS "a line is at most 65536 bytes and a longer one harms no other")
