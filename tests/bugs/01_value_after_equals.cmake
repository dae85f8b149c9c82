# SPDX-License-Identifier: MIT
# Of --name=value the next word is taken for the value.
set(FILE 01_attention/cli.c)
set(OLD [==[
        const char *value = equals ? equals + 1 : argv[i];
]==])
set(NEW [==[
        const char *value = argv[i];
]==])
set(FAILS "options are read wherever they stand")
