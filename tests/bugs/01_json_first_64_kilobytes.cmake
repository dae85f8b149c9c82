# SPDX-License-Identifier: MIT
# Only the first 64 KiB of a file are read.
set(FILE 01_attention/model/json.c)
set(OLD [==[
    } while (length == room);
]==])
set(NEW [==[
    } while (0);
]==])
set(FAILS "JSON files are read whole, and a missing one is an error")
