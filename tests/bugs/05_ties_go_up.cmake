# SPDX-License-Identifier: MIT
# Among equal sums the later candidate ranks higher (KV-69).
set(FILE 05_beam/beam.c)
set(OLD [==[
            for (; place > 0 && s > best[place - 1].sum; place--)
]==])
set(NEW [==[
            for (; place > 0 && s >= best[place - 1].sum; place--)
]==])
set(FAILS "ties go to the lower hypothesis and the lower token")
set(PASSES "n best and scores equal Hugging Face's")
