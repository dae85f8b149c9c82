# SPDX-License-Identifier: MIT
# A failed check is printed and forgotten.
set(FILE tests/support/check.c)
set(OLD [==[
    return !n_run || check_failures;
]==])
set(NEW [==[
    return !n_run;
]==])
set(FAILS "must fail: a false CHECK")
