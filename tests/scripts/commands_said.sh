# SPDX-License-Identifier: MIT
# commands_said.sh -- checks of commands.sh: what is said beside the results; and the programs installed.

# ---- limits ------------------------------------------------------------------------------------------------

# With status 0 a command line prints so many lines, and these notes.
noted() { # N-LINES LINE NOTE...
  run "$2"
  { [ "$status" = 0 ] && [ $(($(wc -l < "$out"))) = "$1" ]; } ||
    complain "$2: status $status, expected $1 lines; it printed and said:" "$out" "$err"
  shift
  expect_notes "$@"
}

check_limits() {
  cut='the output is cut at the limit of'
  see='tokens (--max-new-tokens)'
  words=$(test_words 20)
  for stage in $generators; do
    one=
    [ $stage != 05_beam ] || one='--num-return-sequences 1'
    given ''
    noted 2 "$stage data/marian read either $one --max-new-tokens 3" \
      "text 1: $cut 3 $see" "text 2: $cut 3 $see"
    noted 2 "$stage data/marian read transformer $one --max-new-tokens 4" "text 2: $cut 4 $see"
    noted 1 "$stage data/marian --ids '24 11 7 10 1' $one --max-new-tokens 2" "text 1: $cut 2 $see"
    noted 1 "$stage data/marian read $one --min-new-tokens 63" "text 1: $cut 63 $see" # stored: max_length
    given "$words"
    noted 20 "$stage data/marian $one"
  done
  given 'read\neither\n'
  noted 8 '05_beam data/marian --max-new-tokens 4' "line 1: $cut 4 $see" # all four of line 2 end
  samples='--temperature 1 --seed 3 --num-return-sequences 4'
  for line in '03_greedy_nocache data/gpt2' '04_kvcache data/gpt2 --threads 3'; do
    noted 8 "$line $samples --max-new-tokens 2" "line 1: $cut 2 $see" "line 2: $cut 2 $see"
  done

  # An end token that was forced is no end. And where there is none, that is said once.
  damaged forced generation_config.json \
    '{"decoder_start_token_id": 0, "eos_token_id": 1, "forced_eos_token_id": 1, "max_length": 3}'
  damaged endless generation_config.json '{"decoder_start_token_id": 0, "max_length": 5}'
  for stage in $generators; do
    one=
    [ $stage != 05_beam ] || one='--num-return-sequences 1'
    noted 2 "$stage '$scratch/forced' $one" "line 1: $cut 2 $see" "line 2: $cut 2 $see"
    noted 2 "$stage '$scratch/endless' $one" \
      'the model has no end token: all outputs end at their limit (--max-new-tokens)'
  done
}

# ---- progress ----------------------------------------------------------------------------------------------

# What a command line says to a terminal. The program script is not POSIX's, and not the same
# everywhere.
on_terminal() { # LINE
  script -qec "'$build'/$1" /dev/null < /dev/null > "$out" 2> "$err"
  status=$?
  n_run=$((n_run + 1))
}

# So many texts are counted, and the other lines are whole.
progress_of() { # COUNT LINE PATTERN: of the other lines
  on_terminal "$2"
  tr -d '\r' < "$out" | awk -v pattern="^($3)\$" -v count="$1" '
    { n += gsub("[0-9]+ " count "texts, [0-9.]+ per second\033\\[K", "") }
    $0 !~ pattern { print "not as expected: " $0 }
    END { if (count != "none" ? !n : n) print n + 0 " lines of progress" }' > "$scratch/wrong"
  { [ "$status" = "$4" ] && [ ! -s "$scratch/wrong" ]; } ||
    complain "$2: status $status, it said to a terminal:" "$out" "$scratch/wrong"
}

check_progress() {
  script -qec true /dev/null < /dev/null > "$scratch/script" 2>&1 || return 0
  n=32 # tokens, so many that two texts take longer than the line of progress waits
  while [ $((n = n * 3 / 2)) -lt 500 ]; do
    uncached="03_greedy_nocache data/gpt2 --min-new-tokens $n --max-new-tokens $n"
    run "$uncached a"
    awk '/ tokens in / { exit $6 < 0.15 }' "$err" && break
  done
  said='note: (line|text) [0-9]: .*|error: line 3: not valid UTF-8|[0-9]+ texts, [0-9]+ tokens in .*'
  given 'a\nb\n\0303(\nread\n'
  progress_of 'of 4 ' "$uncached < '$input' > /dev/null" "$said" 1
  progress_of 'of 4 ' "$uncached < '$input'" "$said|[a-z]+\t[^\t]*" 1
  progress_of 'of 3 ' "$uncached a b read > /dev/null" "$said" 0
  progress_of none "$uncached --steps < '$input' > /dev/null" "$said|(.*: )?step .*" 1
  progress_of none "$uncached read > /dev/null" "$said|1 text, .*" 0
  progress_of none "$uncached < '$input' 2> '$err.file'" '[a-z]+\t[^\t]*' 1
}

# ---- install -----------------------------------------------------------------------------------------------

check_install() {
  command -v cmake > "$scratch/cmake" || return 0
  cmake --install "$build" --prefix "$scratch/a prefix" > "$out" 2> "$err" ||
    complain 'cmake --install:' "$out" "$err"
  (cd "$scratch/a prefix" && find . -type f | sort) > "$scratch/installed"
  printf './bin/%s\n' $stages > "$expected"
  equal 'cmake --install' "$expected" "$scratch/installed"
  for stage in $stages; do
    "$scratch/a prefix/bin/$stage" --version > "$out" 2>&1 || complain "$stage, installed:" "$out"
    n_run=$((n_run + 1))
  done
}
