# SPDX-License-Identifier: MIT
# A line that ends with CR LF keeps the CR.
set(FILE 01_attention/cli.c)
set(OLD [==[
texts->buffer[*length - 1] == '\r') --*length;
]==])
set(NEW [==[
texts->buffer[*length - 1] == '\v') --*length;
]==])
set(FAILS "lines of stdin end at a TAB, at CR LF and at the end of the file")
