# SPDX-License-Identifier: MIT
# An error is reported, and the program ends as if there were none.
set(FILE 01_attention/model/error.c)
set(OLD [==[
    fprintf(stderr, "error: %s\n", error->message);
    return 1;
]==])
set(NEW [==[
    fprintf(stderr, "error: %s\n", error->message);
    return 0;
]==])
set(FAILS "a directory that is no model is refused in one line")
