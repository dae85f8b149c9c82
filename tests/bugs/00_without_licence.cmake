# SPDX-License-Identifier: MIT
# A file without its licence.
set(FILE 05_beam/search.c)
set(OLD [==[
// SPDX-License-Identifier: MIT
]==])
set(NEW "")
set(FAILS "every file has its licence line")
