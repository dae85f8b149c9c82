# SPDX-License-Identifier: MIT
# A model without a start token is not refused.
set(FILE 01_attention/model/model.c)
set(OLD [==[
    if (m->config.has_encoder && ids->start < 0)
]==])
set(NEW [==[
    if (m->config.has_encoder && ids->start < -1)
]==])
set(FAILS "a missing or wrong special token is named")
