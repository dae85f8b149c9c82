# SPDX-License-Identifier: MIT
# CHECK_BITS compares numbers: 0 equals -0, and NaN does not equal itself.
set(FILE tests/support/check.h)
set(OLD [==[
!memcmp(a_ + i_, b_ + i_, sizeof *a_)) i_++;
]==])
set(NEW [==[
a_[i_] == b_[i_]) i_++;
]==])
set(FAILS "must fail: zeros of different signs in CHECK_BITS")
