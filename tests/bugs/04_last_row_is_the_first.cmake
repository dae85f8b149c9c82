# SPDX-License-Identifier: MIT
# The rows whose logits are wanted are counted, but not looked up (KV-67).
set(FILE 01_attention/passes.c)
set(OLD [==[
memcpy(wanted + n++ * D, x + i * D, D * sizeof *x);
]==])
set(NEW [==[
memcpy(wanted + n * D, x + n * D, D * sizeof *x), n++;
]==])
set(FAILS "the logits of the last row alone are those of the last row")
