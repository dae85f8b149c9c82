# SPDX-License-Identifier: MIT
# commands_texts.sh -- checks of commands.sh: what is a text, what becomes of a bad one, where an output ends.

# ---- texts -------------------------------------------------------------------------------------------------

check_texts() {
  read='read\tR IY1 D\n'
  either='either\tAY1 DH ER0\n'
  for stage in 03_greedy_nocache 04_kvcache; do
    accept "$stage data/marian read either" '' "$read$either"
    accept "$stage data/marian" 'read\neither\n' "$read$either"
    accept "$stage data/marian" 'read\neither' "$read$either" # no end of the last line
    accept "$stage data/marian" 'read\r\neither\r\n' "$read$either"
    accept "$stage data/marian" 'read\teither\tunread\neither\t\n' "$read$either"
    accept "$stage data/marian" '' ''
    accept "$stage data/marian READ" '' 'READ\tR IY1 D\n'
    accept "$stage data/marian --ids '24  11 7 10 1 '" '' '24  11 7 10 1 \t86 71 53 1\n'
  done
  accept '05_beam data/marian' '' ''
  same 'read\r\neither\tx' '05_beam data/marian' '05_beam data/marian read either' \
    '05_beam data/marian read --batch-size 1 either'

  # Only one text: its tokens appear one by one, but they are the same bytes. So they are with --steps.
  samples='--temperature 1 --seed 4 --num-return-sequences 3'
  for family in $families; do
    data=data/$family
    same 'transformer\n' "04_kvcache $data" "04_kvcache $data transformer" \
      "03_greedy_nocache $data transformer" "04_kvcache $data transformer --no-cache" \
      "04_kvcache $data --steps transformer" "03_greedy_nocache $data --steps"
    same 'transformer\n' "04_kvcache $data $samples" "04_kvcache $data transformer $samples" \
      "03_greedy_nocache $data transformer $samples" "04_kvcache $data transformer $samples --batch-size 1" \
      "04_kvcache $data transformer $samples --steps"
    same 'transformer\nread\n' "05_beam $data" "05_beam $data --steps" \
      "05_beam $data --steps --num-beams 4 --threads 2"
  done
  given ''
  for stage in $generators; do
    run "$stage data/gpt2 read --steps"
    said=$(cat "$err")
    case $said in
      'step 1'[:,]' '*"${newline}step 3"[:,]' '*) ;;
      *) complain "$stage --steps: it said:" "$err" ;;
    esac
  done

  # What the vocabulary does not have is one unknown character; so is what looks like one of its marks.
  unreliable='the result is unreliable'
  for stage in $generators; do
    given 'a%b\nread\n'
    run "$stage data/marian"
    first_line "$out"
    case $first_line in "a%b$tab"*) ;; *) status="$status, no line of a%b first" ;; esac
    { [ "$status" = 0 ] && grep -q "^read$tab" "$out"; } ||
      complain "$stage: a%b and read: status $status; it printed and said:" "$out" "$err"
    first_line "$err"
    [ "$first_line" = "note: line 1: \"%\" is not in the vocabulary: $unreliable" ] ||
      complain "$stage: a%b: it said:" "$err"

    given ''
    run "$stage data/marian '</s>'"
    first_line "$err"
    [ "$first_line" = "note: text 1: \"<\", \"/\", \">\" are not in the vocabulary: $unreliable" ] ||
      complain "$stage: </s> as a text: it said:" "$err"
    sed "s|^</s>$tab|%%s%$tab|" "$out" > "$expected"
    expect "$stage data/marian %%s%" 0
  done
  e_acute=$(printf '\303\251')
  for line in "01_attention data/marian $e_acute" "02_decoder data/marian $e_acute R"; do
    run "$line"
    expect_notes "$line" "\"$e_acute\" is not in the vocabulary: $unreliable"
  done
  given "$e_acute\n%\n"
  run '04_kvcache data/marian'
  awk -F '\t' -v e="$e_acute" '
    NF != 2 || $1 != (NR == 1 ? e : "%") || NR == 2 && $2 != one { wrong = 1 }
    { one = $2 }
    END { exit wrong || NR != 2 }' "$out" ||
    complain 'a character of two bytes is one unknown character:' "$out" "$err"

  # An empty text is a prompt of the beginning alone. Of ids, three more are printed: the prompt, the mark
  # between letters and phonemes, and the end token.
  same '\n' '04_kvcache data/gpt2' '03_greedy_nocache data/gpt2' '04_kvcache data/gpt2 --batch-size 1'
  first_line "$expected"
  case $first_line in "$tab"*) ;; *) n_lines=0 ;; esac
  [ $n_lines = 1 ] || complain 'the empty text: expected one line, with nothing before the TAB:' "$expected"
  run '04_kvcache data/gpt2 --ids 1'
  [ $(($(wc -w < "$expected") + 3)) = $(($(wc -w < "$out"))) ] ||
    complain 'the empty text and its prompt as ids:' "$expected" "$out"

  # The input cannot be read, or the result is lost: that is an error too.
  given ''
  file_of_input=$input
  input=$root/data # a directory
  for stage in $generators; do
    run "$stage data/marian"
    { [ "$status" = 1 ] && grep -q '^error: cannot read standard input$' "$err"; } ||
      complain "$stage reads a directory: status $status, it said:" "$err"
  done
  input=$file_of_input
  if [ -e /dev/full ]; then
    for line in '01_attention data/marian read' '02_decoder data/marian read R' \
      '03_greedy_nocache data/marian read' '04_kvcache data/marian read' '05_beam data/marian read' \
      '05_beam --help'
    do
      run_to /dev/full "$line"
      tail -n 1 "$err" > "$scratch/last"
      first_line "$scratch/last"
      case $status$n_lines$first_line in
        11*'error: cannot write to standard output') ;;
        *) complain "$line > /dev/full: status $status, it said:" "$err" ;;
      esac
    done
  fi
}

# ---- dialogue ----------------------------------------------------------------------------------------------

# A program reads from one fifo and writes to another. A line is written only when the result of the one
# before has been read. A program that waits for more is stuck; ctest ends this after half a minute.
talk() { # LINE: pairs "written<TAB>expected" are in $input
  eval "set -- $1"
  talk_program=$1
  shift
  rm -f "$scratch/to" "$scratch/from"
  mkfifo "$scratch/to" "$scratch/from" || exit 2
  "$build/$talk_program" "$@" < "$scratch/to" > "$scratch/from" 2> "$err" &
  talker=$!
  exec 3> "$scratch/to" 4< "$scratch/from"
  while IFS=$tab read -r written expected_answer; do
    printf '%.2s' "$written" >&3 # what is written in pieces is one line all the same
    printf '%s\n' "${written#??}" >&3
    IFS= read -r answer <&4 || answer=nothing
    [ "$(printf '%s' "$answer" | tr '\t' '|')" = "$expected_answer" ] ||
      complain "$talk_program: to $written it said $answer, expected $expected_answer"
  done < "$input"
  exec 3>&- # the end of its input, and so of the program
  wait "$talker" || complain "$talk_program: a dialogue ends with status $?:" "$err"
  exec 4<&-
  n_run=$((n_run + 1))
}

check_dialogue() {
  command -v mkfifo > "$scratch/mkfifo" || return 0
  given 'read\tread|R IY1 D\neither\teither|AY1 DH ER0\n'
  for line in 03_greedy_nocache 04_kvcache '04_kvcache --batch-size 1' '04_kvcache --threads 4'; do
    talk "$line data/marian"
  done
  given ''
  run '05_beam data/marian read either --num-return-sequences 1' # the last digit of a score may differ
  awk -F '\t' '{ printf "%s\t%s|%s|%s\n", $1, $1, $2, $3 }' "$out" > "$input"
  [ $(($(wc -l < "$input"))) = 2 ] || complain '05_beam: no results for a dialogue'
  talk '05_beam data/marian --num-return-sequences 1'
  talk '05_beam data/marian --num-return-sequences 1 --threads 4'
}

# ---- lines -------------------------------------------------------------------------------------------------

# An input has bad lines. stdout is that of its good lines alone, in every kind of batch; stderr is about the
# others.
bad_lines() { # MODEL ARGUMENTS INPUT GOOD-LINES PROBLEM...
  case $1 in
    */*) arguments="'$1' $2" ;;
    *) arguments="data/$1 $2" ;;
  esac
  bad=$3
  good=$4
  shift 4
  for stage in $generators; do
    given "$good"
    run "$stage $arguments"
    { [ "$status" = 0 ] && [ -s "$out" ]; } ||
      complain "$stage: the good lines: status $status, it said:" "$err"
    mv "$out" "$expected"
    given "$bad"
    for batch in '' '--batch-size 1' '--batch-size 3'; do
      case "$stage $batch" in '03_greedy_nocache --'*) continue ;; esac # which has no batches
      expect "$stage $arguments $batch" 1
      expect_errors "$stage $arguments $batch" "$@"
    done
  done
}

# Texts on the command line, all bad.
refuse_texts() { # LINE PROBLEM...
  run "$1"
  [ "$status" = 1 ] || complain "$1: status $status, expected 1"
  expect_errors "$@"
}

check_lines() {
  longest=$(repeat 65536 a) # which is allowed, but not by the model
  fits=$(repeat 63 a)       # with the end token 64, as many as there are positions
  not_utf8='\0303('
  surrogate='\0355\0240\0200'
  rest="\tR EH1 D\n$surrogate\n\r\n$longest\r\ntransformer"
  bad_lines marian '' \
    "read\n${longest}a\n\n$not_utf8\neither\n$longest\na$fits\n$fits\n$rest" \
    "read\neither\n$fits\ntransformer\n" \
    'line 2: longer than 65536 bytes' 'line 3: the text is empty' 'line 4: not valid UTF-8' \
    "line 6: 65537 tokens are more than the model's 64 positions" \
    "line 7: 65 tokens are more than the model's 64 positions" \
    'line 9: the text is empty' 'line 10: not valid UTF-8' 'line 11: the text is empty' \
    "line 12: 65537 tokens are more than the model's 64 positions"
  bad_lines umt5 '' "$not_utf8\n\n${fits}a\n${longest}a" "${fits}a\n" \
    'line 1: not valid UTF-8' 'line 2: the text is empty' 'line 4: longer than 65536 bytes'
  fits=$(repeat 510 a)
  bad_lines gpt2 '--max-new-tokens 1' "read\n\na$fits\n$not_utf8\n$fits\n" "read\n\n$fits\n" \
    "line 3: 513 tokens are more than the model's 512 positions" 'line 4: not valid UTF-8'
  bad_lines gpt2 '' "read\n$fits\neither\n" 'read\neither\n' \
    'line 2: a prompt of 512 tokens leaves no room below the stored max_length of 512'
  ids='expected token ids from 0 to 101, found'
  bad_lines marian '--ids' \
    '24 11 1\nread\n24 102 1\n24 -1\n1.5\n\n  \n24,11\n24 11 x\n99999999999999999999\n+5\n0x5\n5 1\n' \
    '24 11 1\n5 1\n' \
    "line 2: $ids \"read\"" "line 3: $ids \"102\"" "line 4: $ids \"-1\"" "line 5: $ids \"1.5\"" \
    'line 6: expected token ids, found none' 'line 7: expected token ids, found none' \
    "line 8: $ids \"24,11\"" "line 9: $ids \"x\"" "line 10: $ids \"99999999999999999999\"" \
    "line 11: $ids \"+5\"" "line 12: $ids \"0x5\""
  bad_lines gpt2 '--ids' '\n1 24\n' '1 24\n' 'line 1: expected token ids, found none'

  # A text may have no result: here only token 40 can come next, but not behind a 5.
  mkdir "$scratch/forty"
  cp "$root/data/gpt2/config.json" "$root/data/gpt2/model.safetensors" "$scratch/forty"
  awk 'BEGIN {
    printf "{\"eos_token_id\": 1, \"bad_words_ids\": [[5, 40]], \"suppress_tokens\": [0"
    for (v = 1; v < 102; v++) if (v != 40) printf ", %d", v
    print "]}" }' > "$scratch/forty/generation_config.json"
  none='no result: no token has a finite probability: all are banned'
  bad_lines "$scratch/forty" '--ids --max-new-tokens 3' '1 7\n1 5\n1 8\n1 9 5\n' '1 7\n1 8\n' \
    "line 2: $none" "line 4: $none"
  given '1 7\n1 5\n1 8\n'
  for stage in 03_greedy_nocache 04_kvcache; do
    run "$stage '$scratch/forty' --ids --max-new-tokens 3 --temperature 1 --num-return-sequences 2 --seed 1"
    { [ "$status" = 1 ] && [ $(($(wc -l < "$out"))) = 4 ]; } || complain "$stage: samples:" "$out" "$err"
    expect_errors "$stage: samples" "line 2: $none" "line 2: $none"
  done
  # Or its output ends although it should not; the n best are those that have ended.
  banned='data/umt5 --no-repeat-ngram-size 1 --min-new-tokens 110 --max-new-tokens 120'
  given ''
  : > "$expected"
  expect "05_beam $banned read" 1
  expect_errors "05_beam $banned read" "text 1: $none"
  run "03_greedy_nocache $banned read either"
  mv "$out" "$expected"
  ends='the output ends here: no token has a finite probability: all are banned'
  for line in "04_kvcache $banned read either" "04_kvcache $banned read either --batch-size 1"; do
    expect "$line" 1
    expect_errors "$line" "text 1: $ends" "text 2: $ends"
  done
  head -n 1 "$expected" > "$scratch/first"
  mv "$scratch/first" "$expected"
  expect "04_kvcache $banned read" 1

  # On the command line they are texts. One that is bad and alone is no crash; nor are only bad lines.
  given ''
  for stage in $generators; do
    refuse_texts "$stage data/marian --ids x 1 -1" 'text 1: expected token ids' 'text 3: expected token ids'
    refuse_texts "$stage data/marian --ids x" 'text 1: expected token ids'
    refuse_texts "$stage data/marian 'a${newline}b' $longest" \
      'text 1: contains a line break' 'text 2: 65537 tokens'
  done
}

# ---- positions ---------------------------------------------------------------------------------------------

# With room for one token less than is asked for, the line ends there, is printed all the same, and an error
# says so.
ends_early() { # MODEL INPUT N-TOKENS-THAT-FIT PROBLEM
  given "$2"
  more=$(($3 + 1))
  for stage in $generators; do
    line="$stage data/$1 --ids --min-new-tokens"
    run "$line $3 --max-new-tokens $3"
    { [ "$status" = 0 ] && awk -F '\t' -v n="$3" '
      NR == 1 { right = NF <= 3 && NF >= 2 && (NF == 2 || $2 ~ /^[-.0-9]+$/) && $NF ~ /^([0-9]+ )*[0-9]+$/ }
      NR == 1 && split($NF, ids, " ") != n { right = 0 }
      END { exit !right }' "$out"; } ||
      complain "$line $3: status $status, expected $3 tokens; it printed:" "$out" "$err"
    mv "$out" "$expected"
    batch='--batch-size 1'
    [ $stage != 03_greedy_nocache ] || batch= # which has no batches
    for how in "$more --max-new-tokens $more" "500 --max-new-tokens 10000000 $batch"; do
      expect "$line $how" 1
      expect_errors "$line $how" "$4"
    done
  done
}

check_positions() {
  prompt=$(repeat 508 '15 ')
  all_512='the output ends here: all 512 positions of the model are used'
  ends_early gpt2 "$prompt" 5 "line 1: $all_512"
  ends_early marian '24 11 1\n' 64 'line 1: the output ends here: all 64 positions of the model are used'

  # In a batch only the one that is too long is reported, and the others are what they are alone.
  for stage in $generators; do
    line="$stage data/gpt2 --ids --min-new-tokens 20 --max-new-tokens 20"
    given ''
    : > "$expected"
    for text in '1 24' "$prompt" '15 3'; do
      run "$line '$text'"
      cat "$out" >> "$expected"
    done
    given "1 24\n$prompt\n15 3\n"
    expect "$line" 1
    expect_errors "$line" "line 2: $all_512"
  done

  # An end token at the last position is an end; relative positions have no limit.
  accept '04_kvcache data/marian read --max-new-tokens 1000' '' 'read\tR IY1 D\n'
  run '04_kvcache data/umt5 --ids 5 --min-new-tokens 100 --max-new-tokens 100'
  n_ids=$(($(wc -w < "$out")))
  { [ "$status" = 0 ] && [ $n_ids = 101 ]; } ||
    complain "umt5: status $status, $n_ids ids, expected a source of 1 and an output of 100:" "$out"
}
