#!/bin/sh
# SPDX-License-Identifier: MIT
# must_fail.sh -- a test that must fail: it says so, and its program ends with status 1. (A crash is something
# else, and so is a sentence that is the name of no test.)
#
#   sh tests/scripts/must_fail.sh build/test_check "must fail: a false CHECK"
set -u
said=$("$1" "$2")
status=$?
printf '%s\n' "$said"
case $said in
  *"FAILED: $2") [ $status = 1 ] && exit 0 ;;
esac
printf '%s\n' "must_fail.sh: status $status, expected 1 below a last line \"FAILED: $2\"" >&2
exit 1
