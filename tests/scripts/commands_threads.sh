# SPDX-License-Identifier: MIT
# commands_threads.sh -- a check of commands.sh: several threads, each of which has a batch of its own.

# A command line prints $expected, and what it says is, in any order, what is in $scratch/said; without the
# line that has times.
expect_said() { # LINE STATUS
  expect "$1" "$2"
  grep -v ' tokens in ' "$err" | sort > "$scratch/said_now"
  equal "$1, on stderr" "$scratch/said" "$scratch/said_now"
}

# What is printed, and said, with one thread and a batch of one.
say_expected() { # INPUT LINE STATUS
  given "$1"
  run "$2 --batch-size 1"
  { [ "$status" = "$3" ] && [ -s "$out" ]; } || complain "$2: status $status, it said:" "$err"
  mv "$out" "$expected"
  grep -v ' tokens in ' "$err" | sort > "$scratch/said"
}

# stdin in pieces, of which the first comes late.
slowly() { # LINE: as for run
  slow_line=$1
  eval "set -- $1"
  slow_program=$1
  shift
  {
    sleep 0.1 2> /dev/null || sleep 1
    while IFS= read -r slow_text; do
      printf '%.2s' "$slow_text"
      printf '%s\n' "${slow_text#??}"
    done < "$input"
  } | "$build/$slow_program" "$@" > "$out" 2> "$err" || complain "$slow_line: it said:" "$err"
  n_run=$((n_run + 1))
  equal "$slow_line, read slowly" "$expected" "$out"
}

check_threads() {
  words=$(test_words 12)
  samples='--temperature 0.9 --seed 3 --num-return-sequences 3'
  for line in '04_kvcache data/marian' "04_kvcache data/gpt2 $samples" '05_beam data/umt5'; do
    say_expected "$words" "$line" 0
    for threads in 2 3 5; do
      for batch in 1 3 16 64; do
        expect_said "$line --threads $threads --batch-size $batch" 0
      done
    done
  done

  # Nor does what was computed depend on it. (How much beams copy, and what activations take, do.)
  say_expected "$words" '04_kvcache data/marian --verbose' 0
  sed 's/; activations.*//' "$scratch/said" > "$scratch/computed"
  for how in '--threads 2' '--threads 3 --batch-size 5'; do
    run "04_kvcache data/marian --verbose $how"
    grep -v ' tokens in ' "$err" | sed 's/; activations.*//' | sort > "$scratch/said"
    equal "--verbose $how" "$scratch/computed" "$scratch/said"
  done
  for threads in 1 3; do
    run "05_beam data/marian --verbose --threads $threads"
    sed -n 's/^\(Decoder rows computed: [0-9]*\).*/\1/p' "$err" > "$scratch/rows_$threads"
    shape "05_beam --threads $threads" 1 'Decoder rows computed: [0-9]+' "$scratch/rows_$threads"
  done
  equal 'rows of 05_beam --threads 3' "$scratch/rows_1" "$scratch/rows_3"

  # The lines of a step are not mixed with those of another thread.
  words=$(test_words 9)
  for line in '04_kvcache data/umt5' "04_kvcache data/marian $samples" '05_beam data/marian'; do
    say_expected "$words" "$line --steps" 0
    for threads in 2 3 5; do
      expect_said "$line --steps --threads $threads --batch-size 2" 0
    done
  done

  # Bad lines: the others are all there; and errors are told in the order of their lines.
  bad='read\n\0303(\neither\n\n\n\0303\ntransformer\na%b\n\0303(\nread'
  say_expected "$bad" '04_kvcache data/marian' 1
  grep ' line ' "$err" > "$scratch/in_order"
  for threads in 2 3 5; do
    expect_said "04_kvcache data/marian --threads $threads --batch-size 1" 1
    grep ' line ' "$err" > "$scratch/now"
    equal "errors, $threads threads" "$scratch/in_order" "$scratch/now"
  done
  many_bad=$(repeat 300 '\\n')
  say_expected "${many_bad}read\n${many_bad}either\n" '05_beam data/marian' 1
  expect_said '05_beam data/marian --threads 3' 1

  # More threads than texts, and none; one text with several samples; texts that come slowly.
  same '' '04_kvcache data/marian read either' '04_kvcache data/marian read either --threads 16'
  same '' "04_kvcache data/marian read $samples" "04_kvcache data/marian read $samples --threads 2"
  accept '05_beam data/marian --threads 3' '' ''
  for line in '04_kvcache data/marian' '05_beam data/marian'; do
    say_expected "$words" "$line" 0
    slowly "$line --threads 3"
  done
}
