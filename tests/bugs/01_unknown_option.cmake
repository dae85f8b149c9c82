# SPDX-License-Identifier: MIT
# Unknown options are ignored.
set(FILE 01_attention/cli.c)
set(OLD [==[
        if (!o) return cli_error(command, "unknown option %s", word);
]==])
set(NEW [==[
        if (!o) continue;
]==])
set(FAILS "a wrong option is an error with status 2 that names it")
