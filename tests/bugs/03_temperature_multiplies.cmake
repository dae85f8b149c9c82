# SPDX-License-Identifier: MIT
# Scores are multiplied by the temperature.
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
scores[v] /= (float)o->temperature;
]==])
set(NEW [==[
scores[v] *= (float)o->temperature;
]==])
set(FAILS "a temperature divides the scores")
