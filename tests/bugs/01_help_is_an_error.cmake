# SPDX-License-Identifier: MIT
# --help is not looked for, so it is an option that is unknown.
set(FILE 01_attention/cli.c)
set(OLD [==[
        if (!strcmp(word, "--help"))
]==])
set(NEW [==[
        if (!strcmp(word, "-help"))
]==])
set(FAILS "--help ends the command line with status 0")
