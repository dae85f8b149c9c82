# SPDX-License-Identifier: MIT
# dictionary.sh -- the test words through 03, 04 and 05 with the three trained models, beside Hugging Face's
# output.
#
#   sh tests/scripts/dictionary.sh build          from anywhere; the first 100 words
#   sh tests/scripts/dictionary.sh build 500
#   sh tests/scripts/dictionary.sh build ALL      all 11,275 (minutes)
#
# Tokens must be equal, scores within 1e-4 * (1 + abs). Words of near-ties.txt are left out: their output may
# change with the last bits. tests/reference/README.md describes what was run, and all that is expected.
. "$(dirname "$0")/lib.sh"
if [ $# = 0 ] || [ $# -gt 2 ]; then
  printf '%s\n' 'usage: sh tests/scripts/dictionary.sh BUILD [WORDS|ALL]' >&2
  exit 2
fi
use_build "$1"
use_scratch dictionary
words=${2:-100}

first_words() { # FILE
  case $words in
    ALL) cat "$1" ;;
    *) head -n "$words" "$1" ;;
  esac
}

# Files of words, scores (or not) and tokens; all are of the same words in the same order.
comparison='
  FILENAME == near_ties { is_near_tie[$0] = 1; next }
  FILENAME == expected { line[++n] = $0; next }
  { n_got++ }
  $1 in is_near_tie { n_ties++; next }
  $0 == line[n_got] { next }
  {
    percent = difference($0, line[n_got])
    if (percent > largest) largest = percent
    if (percent > 100 && ++n_wrong < 10)
      print name ": line " n_got ": expected\n  " line[n_got] "\nbut it printed\n  " $0
  }

  # By how much two lines differ, in percent of what is allowed; more than that if not only in their scores.
  function difference(a, b,  x, y, d) {
    if (split(a, x, "\t") != 3 || split(b, y, "\t") != 3 || x[1] != y[1] || x[3] != y[3]) return 1000
    if (x[2] !~ /^-?[0-9]+[.][0-9]+$/ || y[2] !~ /^-?[0-9]+[.][0-9]+$/) return 1000
    d = x[2] - y[2]
    return 100 * (d < 0 ? -d : d) / (1e-4 * (1 + (y[2] < 0 ? -y[2] : y[2])))
  }

  END {
    what = name ": " n_got + 0 " lines, " n_ties + 0 " near-tie" (n_ties == 1 ? "" : "s") " left out"
    if (n_got != n || !n_got || n_wrong) {
      print what "; " n_wrong + 0 " DIFFER, " n + 0 " lines were expected"
      exit 1
    }
    print what (name ~ /beam/ ? sprintf("; scores differ by at most %d %% of what is allowed", largest) : "")
  }'

first_words data/cmudict-test.tsv > "$input"
for model in marian umt5 gpt2; do
  reference=tests/reference/$model
  for program in 03_greedy_nocache 04_kvcache 05_beam; do
    line="$program data/$model --max-new-tokens 40"
    file=test-greedy.tsv
    if [ $program = 05_beam ]; then
      line="$line --num-beams 4 --num-return-sequences 1"
      file=test-beam4.tsv
    fi
    run "$line"
    [ "$status" = 0 ] || complain "$line: status $status, it said:" "$err"
    first_words "$reference/$file" > "$expected"
    awk -F '\t' -v name="$model $program" -v near_ties="$reference/near-ties.txt" -v expected="$expected" \
      "$comparison" "$reference/near-ties.txt" "$expected" "$out" || failed=1
  done
done
finish
