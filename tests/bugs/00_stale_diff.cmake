# SPDX-License-Identifier: MIT
# One of the two loops was changed, the tutorial was not.
set(FILE 04_kvcache/kvcache.c)
set(OLD [==[
        // 3. Feed-forward: each row by itself.
]==])
set(NEW [==[
        // 3. Feed-forward: each row for itself. // NEW in 04
]==])
set(FAILS "the tutorial shows the difference of the two loops as it is")
