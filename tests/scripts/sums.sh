#!/bin/sh
# SPDX-License-Identifier: MIT
# sums.sh -- what the documents work out by hand is right.
#
#   sh tests/scripts/sums.sh build
#
# In a block of ```sums each line is  EXPRESSION = EXPRESSION ...  # WORDS  with numbers, + - * / ^ ( ), exp,
# log and sqrt. Neighbours must be equal: whole numbers exactly, others within one unit of the last decimal.
. "$(dirname "$0")/lib.sh"
use_build "${1:-}"
use_scratch sums

# Each "=" becomes a call of a function in a program for awk.
translation='
  BEGIN {
    print "function check(where, a, b, unit) {"
    print "  if (a - b > unit || b - a > unit) { print where \": \" a \" is not \" b; wrong = 1 }"
    print "}"
    print "BEGIN {"
  }
  FNR == 1 { inside = 0 }
  /^```/ {
    inside = $0 == "```sums"
    next
  }
  inside {
    line = $0
    sub(/ *#.*/, "", line)
    n_parts = split(line, part, / = /)
    if (line !~ /^[-+*\/^().0-9explogsqrt =]+$/ || n_parts < 2) {
      print FILENAME ":" FNR ": expected EXPRESSION = EXPRESSION, found " line > "/dev/stderr"
      bad = 1
      next
    }
    for (i = 1; i < n_parts; i++)
      print "check(\"" FILENAME ":" FNR ": " line "\", (" part[i] "), (" part[i + 1] "), ",
        unit(part[i + 1]) ")"
    n++
  }

  # One in the last decimal of the number that has the fewest, for each number that is added.
  function unit(text,  fewest, terms) {
    fewest = 99
    terms = gsub(/ [-+] /, " & ", text) + 1
    while (match(text, /[0-9][.][0-9]+/)) {
      if (RLENGTH - 2 < fewest) fewest = RLENGTH - 2
      text = substr(text, RSTART + RLENGTH)
    }
    return fewest == 99 ? "1e-9" : terms " * 1.0001 / 10 ^ " fewest
  }
  END {
    print "print \"" n + 0 " sums\"; exit wrong }"
    exit bad || !n
  }'
awk "$translation" README.md TUTORIAL.md > "$scratch/program" || failed=1
awk -f "$scratch/program" > "$out" || complain 'These sums are wrong:' "$out"
cat "$out"
finish
