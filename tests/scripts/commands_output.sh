# SPDX-License-Identifier: MIT
# commands_output.sh -- checks of commands.sh: tables of 01 and 02; the same output however it is asked for.

# ---- tables ------------------------------------------------------------------------------------------------

# A table of attention: its first line has these words, and below it are N rows.
attention_table() { # LINE WORDS-OF-THE-FIRST-LINE N ROW
  run "$1"
  first_line "$out"
  [ "$first_line" = "$tab$(printf '%s' "$2" | tr ' ' '\t')" ] || complain "$1: no first line of $2:" "$out"
  tail -n +2 "$out" > "$scratch/rows"
  shape "$1" "$3" "$4" "$scratch/rows"
}

# What 04 picks is the first choice of 02, at rank 1.
first_choice() { # FAMILY [OPTIONS]
  given ''
  run "04_kvcache data/$1 transformer ${2-}"
  line=$(cat "$out")
  tokens=${line#"transformer$tab"}
  run "02_decoder data/$1 transformer '$tokens' ${2-}"
  awk -F '\t' -v tokens="$tokens </s>" '
    BEGIN { n = split(tokens, token, " ") }
    NR <= n && !(NF == 4 && $1 == token[NR] && $2 ~ /^-?[0-9.]+$/ && $3 == "1" && $4 == $1) { wrong = 1 }
    NR == n + 1 && !(NF == 2 && $1 == "sum" && $2 ~ /^-[0-9]+[.][0-9][0-9][0-9][0-9]$/) { wrong = 1 }
    END { exit wrong || NR != n + 1 }' "$out" ||
    complain "02_decoder data/$1 transformer '$tokens' ${2-}: expected rank 1 everywhere, it printed:" "$out"
}

check_tables() {
  # Rows and columns: r e a d </s>; in a decoder-only model </s> r e a d <sep>, and no row sees a later
  # column.
  weight='\t[01][.][0-9][0-9]'
  weights=$weight$weight$weight$weight$weight
  attention_table '01_attention data/marian read' 'r e a d </s>' 5 "(r|e|a|d|</s>)$weights"
  accept "01_attention data/gpt2 --ids '1 10' --head 0" '' '\t1\t10\n1\t1.00\t\n10\t0.86\t0.14\n'
  refuse 1 'expected token ids from 0 to 101, found "x"' "01_attention data/marian --ids '4 x'"
  refuse 1 'expected token ids, found none' "01_attention data/marian --ids ' '"
  refuse 1 "65 tokens are more than the model's 64 positions" "01_attention data/marian $(repeat 64 a)"

  attention_table "02_decoder data/marian read 'R IY1 D' --attention" 'r e a d </s>' 4 \
    "(R|IY1|D|</s>)$weights"
  run "02_decoder data/marian read 'R IY1 D' --logits"
  shape '02_decoder --logits' 4 '[-+.e0-9 ]+' "$out"
  n_logits=$(($(wc -w < "$out")))
  [ $n_logits = 408 ] || complain "02_decoder --logits: $n_logits numbers, expected 4 * 102:" "$out"
  refuse 1 'expected tokens of data/marian/tokenizer.json, found "r1"' "02_decoder data/marian read 'R r1'"
  refuse 1 'expected token ids from 0 to 101, found "-1"' "02_decoder data/marian --ids '1' '5 -1'"
  refuse 1 'expected target tokens, found none' "02_decoder data/marian --ids 1 ' '"
  refuse 1 'the target needs 65 positions, the model has 64' "02_decoder data/marian read '$(repeat 64 'R ')'"

  for family in $families; do
    first_choice "$family"
  done
}

# ---- trace -------------------------------------------------------------------------------------------------

# The lines of tables that belong to rows: not the first, which begin with a name.
table_rows() { # FILE
  grep -E "^(<s>|a|b)(, head [01])?$tab" "$1"
}

# What a row computes: 02 prints it for all rows at once, 03 in the last step for the last time, and 04 in the
# step in which the row is new, and not again.
check_trace() {
  for name in self_attention.keys self_attention.values self_attention.queries \
    self_attention.scores self_attention.probabilities self_attention.mixed self_attention.output \
    cross_attention.queries cross_attention.scores cross_attention.probabilities cross_attention.mixed \
    cross_attention.output feed_forward.hidden feed_forward.output logits
  do
    [ $name = logits ] || name=decoder.$name
    run "02_decoder data/by_hand aab 'a b' --trace $name"
    table_rows "$out" > "$expected"
    n=$(($(wc -l < "$expected")))
    [ $n = 3 ] || [ $n = 6 ] || complain "02_decoder --trace $name: $n rows" "$out"
    run "04_kvcache data/by_hand aab --trace $name"
    table_rows "$err" > "$scratch/cached"
    equal "02_decoder and 04_kvcache --trace $name" "$expected" "$scratch/cached"
    run "03_greedy_nocache data/by_hand aab --trace $name"
    table_rows "$err" | tail -n $n > "$scratch/uncached"
    equal "02_decoder and 03_greedy_nocache --trace $name" "$expected" "$scratch/uncached"
  done
  accept "02_decoder data/by_hand ab 'a b' --trace decoder.self_attention.scores" '' \
    "decoder.self_attention.scores\t<s>\ta\tb\n$(printf '%s\\n' '<s>, head 0\t0.000' '<s>, head 1\t16.000' \
      'a, head 0\t0.000\t0.000' 'a, head 1\t0.000\t16.000' 'b, head 0\t0.000\t0.000\t0.000' \
      'b, head 1\t-16.000\t0.000\t16.000')"
  accept "02_decoder data/by_hand ab a --trace decoder.hidden --layer 1" '' \
    'decoder.hidden, layer 1\n<s>\t1.000\t1.000\t-1.000\t1.000\na\t-1.000\t1.000\t-1.000\t1.000\n'
}

# ---- same --------------------------------------------------------------------------------------------------

# 03 and 04 with these arguments, for each model.
same_03_04() { # INPUT ARGUMENTS
  for family in $families; do
    rest="data/$family $2"
    same "$1" "03_greedy_nocache $rest" "04_kvcache $rest" "04_kvcache $rest --batch-size 1" \
      "04_kvcache $rest --batch-size 3 --threads 2"
  done
}

check_same() {
  words=$(test_words 60)
  for family in $families; do
    data=data/$family
    same "$words" "03_greedy_nocache $data" "04_kvcache $data" "04_kvcache $data --batch-size 1" \
      "04_kvcache $data --batch-size 3" "04_kvcache $data --threads 2"
    shape "$data" 60 '.*' "$expected"
  done
  words=$(test_words 6)
  for family in $families; do
    data=data/$family
    same "$words" "03_greedy_nocache $data" "03_greedy_nocache $data --threads 2" \
      "04_kvcache $data --no-cache"
  done
  same_03_04 "$words" '--temperature 0.9 --seed 3 --num-return-sequences 3'
  same_03_04 "$words" '--temperature 1.5 --top-k 20 --top-p 0.9 --min-p 0.01 --seed 18446744073709551615'
  rules='--repetition-penalty 1.3 --no-repeat-ngram-size 2 --min-new-tokens 9 --max-new-tokens 12'
  same_03_04 "$words" "$rules"
  same_03_04 '24 11 7 10 1\n1 15 16 3\n5\n' '--ids'
  same_03_04 '24 11 7 10 1\n1 15 16 3\n5\n' '--ids --temperature 1 --seed 7 --num-return-sequences 2'

  # To the model's limit: 64 positions and one token more, 512 after a long prompt (507 letters, 2 marks,
  # 4 tokens); umt5 has none.
  rest='data/marian --min-new-tokens 64 --max-new-tokens 64'
  same 'transformer\n' "03_greedy_nocache $rest" "04_kvcache $rest"
  rest='data/umt5 --min-new-tokens 70 --max-new-tokens 70'
  same 'read\n' "03_greedy_nocache $rest" "04_kvcache $rest"
  rest='data/gpt2 --min-new-tokens 4 --max-new-tokens 4'
  same "$(repeat 507 a)\nread\n" "03_greedy_nocache $rest" "04_kvcache $rest"

  # A sample depends on the seed and on its number, not on the line, nor on the batch.
  given 'read\neither\n'
  run '04_kvcache data/gpt2 --temperature 2 --seed 6 --num-return-sequences 2'
  mv "$out" "$scratch/seed_6"
  run '04_kvcache data/gpt2 --temperature 2 --seed 5 --num-return-sequences 2'
  ! cmp -s "$out" "$scratch/seed_6" || complain 'seeds 5 and 6 give the same samples:' "$out"
  tail -n 2 "$out" > "$expected"
  run '04_kvcache data/gpt2 either --temperature 2 --seed 5 --num-return-sequences 3'
  sed '$d' "$out" > "$scratch/two_of_three"
  shape 'two samples of "either"' 2 'either\t.*' "$expected"
  equal 'two samples of a second line, and two of three of the word alone' "$expected" "$scratch/two_of_three"

  run '04_kvcache data/marian read --temperature 1'
  mv "$out" "$expected"
  first_line "$err"
  case $first_line in
    'note: --seed '[0-9]*) ;;
    *) complain 'the seed that was chosen is not told:' "$err" ;;
  esac
  expect "03_greedy_nocache data/marian read --temperature 1 --seed ${first_line#note: --seed }" 0
}

# ---- beams -------------------------------------------------------------------------------------------------

# $expected has N lines per text of $input: the text, a score that is no better than the one before, tokens.
n_best() { # N LINE
  n_texts=$(($(wc -l < "$input")))
  score='-?[0-9]+[.][0-9][0-9][0-9][0-9][0-9][0-9]'
  shape "$2" $(($1 * n_texts)) "[^\t]+\t$score\t[A-Z0-9 a-z'.-]*" "$expected"
  awk -F '\t' -v n="$1" '
    NR == FNR { text[NR - 1] = $1; next }
    { place = int((FNR - 1) / n); rank = (FNR - 1) % n }
    $1 != text[place] || rank > 0 && $2 + 0 > before {
      print "line " FNR " should be another of " text[place] (rank ? ", no better than " before : "") ": " $0
      wrong = 1
    }
    { before = $2 + 0 }
    END { exit wrong }' "$input" "$expected" > "$scratch/wrong" || complain "$2:" "$scratch/wrong"
}

# Of each N lines the first, without its score.
best_of() { # N FILE
  awk -F '\t' -v n="$1" '(NR - 1) % n == 0 { print $1 "\t" $3 }' "$2"
}

check_beams() {
  words=$(test_words 20)
  for family in $families; do
    line="05_beam data/$family"
    same "$words" "$line" "$line --batch-size 1" "$line --batch-size 5 --threads 2" "$line --reorder copy" \
      "$line --num-return-sequences 4 --reorder share" \
      "$line --length-penalty 1 --early-stopping false --num-beams 4"
    n_best 4 "$line"
    best_of 4 "$expected" > "$scratch/best"

    same "$words" "$line --num-return-sequences 1" \
      "$line --num-return-sequences 1 --batch-size 3 --reorder copy"
    best_of 1 "$expected" > "$scratch/alone"
    equal "$line --num-return-sequences 1" "$scratch/best" "$scratch/alone"

    run "04_kvcache data/$family"
    mv "$out" "$scratch/greedy"
    same "$words" "$line --num-beams 1" "$line --num-beams 1 --batch-size 1 --num-return-sequences 1"
    n_best 1 "$line --num-beams 1"
    best_of 1 "$expected" > "$scratch/one"
    equal "$line --num-beams 1" "$scratch/greedy" "$scratch/one"
  done
  words=$(test_words 8)
  rules='--repetition-penalty 1.3 --no-repeat-ngram-size 2 --min-new-tokens 9 --max-new-tokens 12'
  for how in '--num-beams 7 --num-return-sequences 3 --early-stopping true' \
    '--early-stopping never --length-penalty 0 --num-beams 3' "$rules --num-return-sequences 3"
  do
    line="05_beam data/umt5 $how"
    same "$words" "$line" "$line --batch-size 1 --reorder copy" "$line --batch-size 5"
    n_best 3 "$line"
  done
  same '24 11 7 10 1\n5 1\n' '05_beam data/marian --ids' \
    "05_beam data/marian --ids '24 11 7 10 1' '5 1' --batch-size 1"
  shape '05_beam --ids' 8 '(24 11 7 10 1|5 1)\t-[.0-9]+\t[0-9 ]*' "$expected"
}
