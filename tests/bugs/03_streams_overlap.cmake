# SPDX-License-Identifier: MIT
# The next seed's numbers are the same, one step later.
set(FILE 03_greedy_nocache/pick.c)
set(OLD [==[
    return (Random){mix(seed + 0x9E3779B97F4A7C15u) ^ mix(mix(stream + 1))};
]==])
set(NEW [==[
    return (Random){seed * 0x9E3779B97F4A7C15u + mix(mix(stream + 1))};
]==])
set(FAILS "random numbers depend on seed and stream alone")
