# SPDX-License-Identifier: MIT
# min-p is a probability, not a share of the best one's.
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
(float)o->min_p * scores[argmax(scores, V)];
]==])
set(NEW [==[
(float)o->min_p;
]==])
set(FAILS "min-p keeps what is nearly as probable as the best")
