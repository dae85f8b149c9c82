# SPDX-License-Identifier: MIT
# null is read as false.
set(FILE 01_attention/model/json.c)
set(OLD [==[
"null", JSON_NULL);
]==])
set(NEW [==[
"null", JSON_FALSE);
]==])
set(FAILS "JSON values have their kind and number of elements")
