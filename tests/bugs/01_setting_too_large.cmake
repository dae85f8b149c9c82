# SPDX-License-Identifier: MIT
# Numbers in configurations have no upper limit.
set(FILE 01_attention/model/settings.c)
set(OLD [==[
 && number >= least && number <= most) return number;
]==])
set(NEW [==[
 && number >= least) return number;
]==])
set(FAILS "settings of the wrong type or out of range are refused by name")
