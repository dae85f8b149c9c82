# SPDX-License-Identifier: MIT
# What stands behind a TAB belongs to the text.
set(FILE 01_attention/cli.c)
set(OLD [==[
        if (tab) length = tab - texts->buffer;
]==])
set(NEW [==[
        if (tab == texts->buffer) length = 0;
]==])
set(FAILS "texts of the command line end at a TAB and have no line breaks")
