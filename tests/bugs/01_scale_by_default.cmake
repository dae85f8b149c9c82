# SPDX-License-Identifier: MIT
# Without the key scale_embedding nothing is scaled, and nobody is told.
set(FILE 01_attention/model/marian.c)
set(OLD [==[
setting_bool(s, "scale_embedding") ?
]==])
set(NEW [==[
setting_bool_or(s, "scale_embedding", false) ?
]==])
set(FAILS "a missing or wrong configuration key is named")
