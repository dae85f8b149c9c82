# SPDX-License-Identifier: MIT
# A NaN passes for any golden number, as no comparison with it is true.
set(FILE tests/support/golden.c)
set(OLD [==[
        CHECK(difference <= 1, "%s: %s: number %d
]==])
set(NEW [==[
        CHECK(!(difference > 1), "%s: %s: number %d
]==])
set(FAILS "must fail: NaN instead of a golden number")
