# SPDX-License-Identifier: MIT
# Numbers may begin with zeros.
set(FILE 01_attention/model/json.c)
set(OLD [==[
    if (zero) p->at++;
    else if (!digits(p))
]==])
set(NEW [==[
    if (!digits(p))
]==])
set(FAILS "JSON numbers with leading zeros or missing digits are refused")
