# SPDX-License-Identifier: MIT
# faults.sh -- models that other programs of this kind get wrong: ours must print what Hugging Face's
# transformers computes.
#
#   sh tests/scripts/faults.sh build
#
# Directories and expectations: tests/reference/faults. A line of expected.tsv is
#   MODEL  PROGRAM  OPTIONS  IDS  SCORE  TOKENS
# Lines with the same first four fields are the n best. SCORE: empty for 03 and 04; "error": the program ends
# with status 1 and says TOKENS.
. "$(dirname "$0")/lib.sh"
use_build "$1"
use_scratch faults
faults=$root/tests/reference/faults

# Copies in $scratch, as some models share a file of weights.
for directory in "$faults"/*/; do
  name=$(basename "$directory")
  cp -r "$directory" "$scratch/$name" || exit 2
  if [ -f "$directory/weights" ]; then
    cp "$faults/$(cat "$directory/weights")/model.safetensors" "$scratch/$name" || exit 2
  fi
done

# $out has the lines of $expected: scores within 1e-4 * (1 + abs), the rest exactly.
compare() { # WHAT
  paste "$expected" "$out" > "$scratch/both"
  awk -F '\t' '
    { n = NF / 2; d = $2 - $(n + 2); a = $2 < 0 ? -$2 : $2 }
    $1 != $(n + 1) || $n != $NF || n != int(n) { wrong = 1 }
    n == 3 && (d > 1e-4 * (1 + a) || -d > 1e-4 * (1 + a)) { wrong = 1 }
    END { exit wrong || !NR }' "$scratch/both" ||
    complain "$1: expected, and printed:" "$expected" "$out" "$err"
}

n_commands=0
check() { # MODEL PROGRAM OPTIONS IDS; $expected
  check_one "$@"
  [ "$2" != 04_kvcache ] || check_one "$1" 03_greedy_nocache "$3" "$4"
}
check_one() {
  line="$2 '$scratch/$1' '$4' $3"
  if grep -q "error$tab" "$expected"; then
    run "$line"
    { [ "$status" = 1 ] && [ ! -s "$out" ] &&
      grep -q "error: text 1: $(sed "s/.*error$tab//" "$expected")" "$err"; } ||
      complain "$line: expected status 1 and this, it printed and said:" "$expected" "$out" "$err"
  else
    run "$line"
    [ "$status" = 0 ] || complain "$line: status $status"
    compare "$line"
  fi
  n_commands=$((n_commands + 1))
}

last=
while IFS= read -r row || [ -n "$last" ]; do
  key=$(printf '%s' "$row" | cut -f 1-4)
  if [ -n "$last" ] && [ "$key" != "$last" ]; then
    IFS=$tab
    set -f
    # shellcheck disable=SC2086
    set -- $last
    unset IFS
    check "$@"
    : > "$expected"
  fi
  last=$key
  # What the program prints: the ids, the score if there is one, the tokens.
  printf '%s\n' "$row" | awk -F '\t' -v OFS='\t' '{ if ($5 == "") print $4, $6; else print $4, $5, $6 }' \
    >> "$expected"
done < "$faults/expected.tsv"
printf '%s\n' "$n_commands commands"
[ "$n_commands" -gt 20 ] || complain "only $n_commands commands"
finish
