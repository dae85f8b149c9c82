# SPDX-License-Identifier: MIT
# The last message of several is kept, not the first, which is the cause.
set(FILE 01_attention/model/error.c)
set(OLD [==[
    if (error->set) return false;
]==])
set(NEW "")
set(FAILS "error messages are one line and the first one stays")
