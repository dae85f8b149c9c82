# SPDX-License-Identifier: MIT
# That the model's positions were used up is not reported.
set(FILE 05_beam/main.c)
set(OLD [==[
    if (out_of_positions) line_out_of_positions(p->program, item->line);
]==])
set(NEW [==[
    if (out_of_positions) p->program->status = 1;
]==])
set(FAILS "an output ends where the positions end")
