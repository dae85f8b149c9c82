# SPDX-License-Identifier: MIT
# Only the first name under which a table is found is looked at.
set(FILE 01_attention/model/slots.c)
set(OLD [==[
        if (!checkpoint_find(&l->file, full.text)) continue;
]==])
set(NEW [==[
        if (table || !checkpoint_find(&l->file, full.text)) continue;
]==])
set(FAILS "aliases of a table must have its shape")
