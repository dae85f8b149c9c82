# SPDX-License-Identifier: MIT
# A bad line ends the input: the lines behind it are lost.
set(FILE 03_greedy_nocache/program.c)
set(OLD [==[
        bad_line(p, &text, error.message);
        line_free(line);
]==])
set(NEW [==[
        bad_line(p, &text, error.message);
        line_free(line);
        return false;
]==])
set(FAILS "a bad line is reported and loses no other")
