# SPDX-License-Identifier: MIT
# Positions are computed even if the file has them.
set(FILE 01_attention/model/marian.c)
set(OLD [==[
    return stored ? stored : sinusoidal_positions(
]==])
set(NEW [==[
    return stored && !c ? stored : sinusoidal_positions(
]==])
set(FAILS "stored positions are used, absent ones computed")
