# SPDX-License-Identifier: MIT
# Stage 02 uses a header of stage 03.
set(FILE 02_decoder/encoder.c)
set(OLD [==[
#include "encoder.h"
]==])
set(NEW [==[
#include "encoder.h"
#include "greedy.h"
]==])
set(FAILS "a file includes headers of its own or an earlier stage")
