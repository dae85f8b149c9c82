# SPDX-License-Identifier: MIT
# Far distances are rounded to the nearest bucket instead of down.
set(FILE 01_attention/model/positions.c)
set(OLD [==[
exact + (int)steps
]==])
set(NEW [==[
exact + (int)(steps + 0.5f)
]==])
set(FAILS "relative positions fall into the buckets of T5")
