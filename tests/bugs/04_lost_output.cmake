# SPDX-License-Identifier: MIT
# Nobody notices when results could not be written, as to a disk that is full.
set(FILE 01_attention/cli.c)
set(OLD [==[
    if (written && !ferror(stdin)) return status;
]==])
set(NEW [==[
    if (!ferror(stdin)) return status;
]==])
set(FAILS "a text is an argument or a line up to a TAB")
