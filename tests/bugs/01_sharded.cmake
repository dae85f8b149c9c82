# SPDX-License-Identifier: MIT
# A checkpoint in several files is one that is missing.
set(FILE 01_attention/model/model.c)
set(OLD [==[
    if (!file_exists(path) && file_exists(sharded)) {
]==])
set(NEW [==[
    if (file_exists(path) && file_exists(sharded)) {
]==])
set(FAILS "a missing or damaged file of a model is named")
