# SPDX-License-Identifier: MIT
# commands_cache.sh -- checks of commands.sh: what else a cache can do changes no byte, and how much it saves.

# ---- drafts ------------------------------------------------------------------------------------------------

same_lines() { # INPUT LINES
  lines_input=$1
  IFS=$newline
  set -- $2
  unset IFS
  same "$lines_input" "$@"
}

# A line prints the same with a draft, any number of guesses, any batches and threads.
same_with_drafts() { # INPUT MODEL ARGUMENTS DRAFT...
  drafts_input=$1
  without="data/$2 $3"
  shift 3
  with=
  for draft; do
    drafted="04_kvcache $without --draft data/$draft"
    for guesses in 1 2 4 8; do
      with="$with$newline$drafted --draft-tokens $guesses --batch-size 1"
      with="$with$newline$drafted --draft-tokens $guesses --batch-size 5 --threads $((guesses % 3 + 1))"
    done
  done
  same_lines "$drafts_input" "03_greedy_nocache $without${newline}04_kvcache $without$newline$drafted$with"
}

# What is said about a draft.
draft_said() { # LINE EXPECTED
  given ''
  run "$1"
  said=$(grep '^Draft: ' "$err")
  [ "$said" = "Draft: $2" ] || complain "$1: expected \"Draft: $2\", it said:" "$err"
}

check_drafts() {
  words=$(test_words 12)
  penalties='--repetition-penalty 1.3 --min-new-tokens 9 --max-new-tokens 12'
  for how in '' '--temperature 1.2 --seed 5' "$penalties" '--no-repeat-ngram-size 2'; do
    same_with_drafts "$words" marian "$how" marian-draft umt5
  done
  words=$(test_words 4)
  samples='--temperature 1 --top-k 20 --top-p 0.9 --seed 3 --num-return-sequences 3'
  same_with_drafts "$words" umt5 "$samples" marian-draft
  same_with_drafts "$words" gpt2 "$samples" gpt2

  # To the model's limit, and one token further.
  same_with_drafts 'transformer\nread\n' marian '--min-new-tokens 64 --max-new-tokens 64' marian-draft umt5
  line='data/marian --min-new-tokens 65 --max-new-tokens 70'
  given "transformer\nread\n"
  run "03_greedy_nocache $line"
  mv "$out" "$expected"
  for guesses in 1 2 4 8; do
    for how in '' '--batch-size 1' '--threads 2'; do
      expect "04_kvcache $line --draft data/marian-draft --draft-tokens $guesses $how" 1
    done
  done
  line='04_kvcache data/marian transformer'
  same '' "$line" "$line --draft data/marian-draft" "$line --draft data/umt5 --steps"

  # By hand: "R IY1 D </s>" is one pass and three guesses, what follows the end is not guessed; then R IY1, D
  # </s>; then all of three samples, of which each is R IY1 D </s> at so low a temperature.
  marian='04_kvcache data/marian read --draft data/marian'
  draft_said "$marian" '4.00 tokens per pass of the model; 3 of 3 guesses taken (100.0 %).'
  draft_said "$marian --draft-tokens 1" '2.00 tokens per pass of the model; 2 of 2 guesses taken (100.0 %).'
  draft_said "$marian --draft-tokens 1 --temperature 0.001 --seed 1 --num-return-sequences 3" \
    '2.00 tokens per pass of the model; 6 of 6 guesses taken (100.0 %).'

  marian='data/marian read'
  refuse 2 '--draft: data/gpt2: it has no encoder, unlike the model' "04_kvcache $marian --draft data/gpt2"
  refuse 2 '--draft: data/marian: it has an encoder, unlike the model' \
    '04_kvcache data/gpt2 read --draft data/marian'
  vocabulary="--draft: data/by_hand: expected the model's vocabulary of 102 tokens, found one of 4"
  refuse 2 "$vocabulary" "04_kvcache $marian --draft data/by_hand"
  refuse 2 "$vocabulary" '04_kvcache data/marian --ids 5 --draft data/by_hand'
  damaged renamed tokenizer.json
  sed 's/"IY1"/"IY9"/' "$root/data/marian/tokenizer.json" > "$scratch/renamed/tokenizer.json"
  refuse 2 "--draft: $scratch/renamed: token 71 is \"IY9\", and \"IY1\" in the model's vocabulary" \
    "04_kvcache $marian --draft '$scratch/renamed'"
  same '24 11 7 10 1\n' '04_kvcache data/marian --ids' \
    "04_kvcache data/marian --ids --draft '$scratch/renamed'"
  refuse 1 'expected a model directory (with config.json, model.safetensors), found "nowhere"' \
    "04_kvcache $marian --draft nowhere"
  refuse 1 'data/config.json: cannot open' "04_kvcache $marian --draft data"
  refuse 2 '--draft-tokens needs --draft' "04_kvcache $marian --draft-tokens 3"
  for value in 0 -1 1025 x; do
    refuse 2 "--draft-tokens: expected a whole number from 1 to 1024, found \"$value\"" \
      "04_kvcache $marian --draft data/marian --draft-tokens $value"
  done
  refuse 2 '--no-cache and --draft exclude each other' "04_kvcache $marian --no-cache --draft data/marian"
  refuse 2 '--trace and --draft exclude each other' "04_kvcache $marian --trace logits --draft data/marian"
  refuse 2 '--plan and --draft exclude each other' '04_kvcache data/marian --plan 3 --draft data/marian'
  one_text='--steps with --draft needs one text on the command line, and one result'
  refuse 2 "$one_text" "04_kvcache $marian either --steps --draft data/marian"
  refuse 2 "$one_text" \
    "04_kvcache $marian --steps --draft data/marian --temperature 1 --seed 1 --num-return-sequences 2"
  refuse_by '03_greedy_nocache 05_beam' 2 'unknown option --draft' "$marian --draft data/marian"
}

# ---- share -------------------------------------------------------------------------------------------------

# A number that stderr has behind some words, and $said.
said_number() { # BEFORE
  said=$(sed -n "s/^$1\([0-9][0-9]*\).*/\1/p" "$err")
  [ -n "$said" ] || complain "expected \"$1\" and a number:" "$err"
}

# Rows computed, and rows taken over: the sum is what is computed without --share-prefix.
rows_add_up() { # LINE
  run "$1 --verbose"
  said_number 'Decoder rows computed: '
  n_without=${said:-0}
  run "$1 --verbose --share-prefix"
  said_number 'Decoder rows computed: '
  n_computed=${said:-0}
  said_number 'Taken over from other texts: '
  n_shared=${said:-0}
  [ $((n_computed + n_shared)) = "$n_without" ] ||
    complain "$1: $n_computed rows computed, $n_shared taken over, without --share-prefix $n_without"
}

check_share() {
  sorted=$(head -n 80 data/cmudict-test.tsv | cut -f 1 | sort | awk '{ printf "%s\\n", $0 }')
  line='data/gpt2 --share-prefix'
  same "$sorted" '04_kvcache data/gpt2' "04_kvcache $line" "04_kvcache $line --batch-size 1" \
    "04_kvcache $line --batch-size 3" "04_kvcache $line --threads 2" \
    "04_kvcache $line --draft data/gpt2 --batch-size 7" "04_kvcache $line --cache-layers 1,2"
  shape "$line" 80 '.*' "$expected"
  for batch in 1 5 32; do
    rows_add_up "04_kvcache data/gpt2 --batch-size $batch"
    [ "$n_shared" -gt 100 ] || complain "only $n_shared rows of sorted words are shared"
  done
  repeated='read\nread\neither\nread\nreads\nread\n'
  for family in $families; do
    line="data/$family --temperature 1.2 --seed 4 --num-return-sequences 3"
    same "$repeated" "03_greedy_nocache $line" "04_kvcache $line" "04_kvcache $line --share-prefix" \
      "04_kvcache $line --share-prefix --batch-size 4 --threads 2"
  done
  # Four of the texts are read, five source tokens each.
  run '04_kvcache data/marian --share-prefix'
  said_number 'Taken over from other texts: 0 rows of the decoder, '
  [ "$said" = 15 ] || complain "read, four times: expected 15 rows of the encoder to be taken over" "$err"

  # The prompt of samples is computed once: <s> r e a d <sep> are 6 rows, and for each further sample only the
  # last; each token but the last of a sample is a row.
  given ''
  for n in 1 2 5; do
    run "04_kvcache data/gpt2 read --temperature 1 --seed 1 --num-return-sequences $n --verbose"
    said_number 'Decoder rows computed: '
    n_computed=$said
    said_number '1 text, '
    [ "$n_computed" = $((6 + (n - 1) + said - n)) ] ||
      complain "$n samples with $said tokens in all: $n_computed rows computed"
  done
  given 'reads\nread\nreader\n'
  run '04_kvcache data/gpt2 --share-prefix --steps --max-new-tokens 2'
  printf '%s\n' 'reads: step 1: 7 rows computed, 7 so far; 7 positions held' \
    'reads: step 2: 1 row computed, 8 so far; 8 positions held' \
    'read: step 1: 1 row computed, 1 so far; 6 positions held' \
    'reader: step 1: 3 rows computed, 3 so far; 8 positions held' \
    'read: step 2: 1 row computed, 2 so far; 7 positions held' \
    'reader: step 2: 1 row computed, 4 so far; 9 positions held' > "$expected"
  grep ' step ' "$err" | sed 's/ held,.*/ held/' > "$scratch/steps"
  equal 'steps of texts that share their beginning' "$expected" "$scratch/steps"

  refuse 2 '--no-cache and --share-prefix exclude each other' \
    '04_kvcache data/gpt2 read --no-cache --share-prefix'
  refuse 2 '--share-prefix takes no value' '04_kvcache data/gpt2 read --share-prefix=1'
  refuse_by '03_greedy_nocache 05_beam' 2 'unknown option --share-prefix' 'data/gpt2 read --share-prefix'
}

# ---- types -------------------------------------------------------------------------------------------------

# Smaller numbers, the same ones in every stage.
check_types() {
  words=$(test_words 12)
  for family in $families; do
    for type in f16 int8; do
      line="data/$family --cache-type $type"
      same "$words" "03_greedy_nocache $line" "04_kvcache $line" "04_kvcache $line --batch-size 1" \
        "04_kvcache $line --batch-size 7 --threads 2" "04_kvcache $line --no-cache" \
        "04_kvcache $line --share-prefix"
      mv "$expected" "$scratch/greedy"
      run "05_beam $line --num-beams 1"
      best_of 1 "$out" > "$scratch/one"
      equal "05_beam $line --num-beams 1" "$scratch/greedy" "$scratch/one"
      same "$words" "05_beam $line" "05_beam $line --batch-size 3 --reorder copy"
      first_choice "$family" "--cache-type $type"
    done
  done
  for type in f16 int8; do
    line="data/marian --cache-type $type"
    same "$words" "03_greedy_nocache $line" "04_kvcache $line --draft data/marian-draft" \
      "04_kvcache $line --draft data/umt5 --batch-size 3"
    # It is not without effect: other logits.
    given ''
    run '02_decoder data/marian read "R IY1 D" --logits'
    mv "$out" "$scratch/f32"
    run "02_decoder $line read 'R IY1 D' --logits"
    ! cmp -s "$out" "$scratch/f32" || complain "02_decoder $line: the logits of f32"
  done
  for value in f64 F16 '""'; do
    refuse_by "02_decoder" 2 '--cache-type: expected f32, or f16, or int8, found' \
      "data/marian read R --cache-type $value"
    refuse_by "$generators" 2 '--cache-type: expected f32, or f16, or int8, found' \
      "data/marian read --cache-type $value"
  done
  refuse 2 'unknown option --cache-type' '01_attention data/marian read --cache-type f16'
}

# ---- layers ------------------------------------------------------------------------------------------------

# What --verbose says of a cache's bytes per token.
per_token() { # LINE EXPECTED
  run "$1 --verbose"
  said=$(sed -n 's/^Cache: \([^;]*\);.*/\1/p' "$err")
  [ "$said" = "$2" ] || complain "$1: expected \"$2\", it said:" "$err"
}

check_layers() {
  words=$(test_words 12)
  for family in $families; do
    line="04_kvcache data/$family"
    with=
    for layers in none 0 1 2 0,2 1,1 all; do
      with="$with$newline$line --cache-layers $layers"
      with="$with$newline$line --cache-layers $layers --batch-size 3 --threads 2"
    done
    same_lines "$words" "$line$with"
  done
  line='04_kvcache data/marian --temperature 1 --seed 2 --num-return-sequences 2'
  same "$words" "$line" "$line --cache-layers 1 --draft data/umt5 --share-prefix"
  same '' '04_kvcache data/gpt2 transformer' '04_kvcache data/gpt2 transformer --cache-layers 5'

  given ''
  marian='04_kvcache data/marian read'
  per_token "$marian" '3072 bytes per token = 3 layers x (key 512 + value 512)'
  per_token "$marian --cache-layers none" '1536 bytes per token = 3 layers x (input row 512)'
  per_token "$marian --cache-layers 2" \
    '2048 bytes per token = 1 layer x (key 512 + value 512) + 2 layers x (input row 512)'
  per_token "$marian --cache-layers 0,1,0" \
    '2560 bytes per token = 2 layers x (key 512 + value 512) + 1 layer x (input row 512)'
  per_token "$marian --cache-type f16" '1536 bytes per token = 3 layers x (key 256 + value 256)'
  per_token "$marian --cache-type int8" '864 bytes per token = 3 layers x (key 144 + value 144)'

  for list in 3 -1 0,3 0,,1 0, ,0 '" 0"' '0\ 1' x all,0 none,1 99999999999999999999; do
    refuse 2 '--cache-layers: expected numbers from 0 to 2 with commas, all, or none, found "' \
      "$marian --cache-layers $list"
  done
  refuse 2 '--cache-layers: expected numbers from 0 to 2 with commas, all, or none, found "0,3"' \
    "$marian --cache-layers 0,3"
  refuse 2 '--cache-layers: expected numbers from 0 to 5 with commas, all, or none, found ""' \
    '04_kvcache data/gpt2 read --cache-layers='
  refuse 2 '--cache-layers: input rows are kept as f32, so --cache-type must be f32' \
    "$marian --cache-layers 0 --cache-type f16"
  refuse 2 '--no-cache and --cache-layers exclude each other' "$marian --no-cache --cache-layers 0"
  refuse 2 '--trace and --cache-layers exclude each other' "$marian --trace logits --cache-layers 0"
}

# ---- plan --------------------------------------------------------------------------------------------------

# The line of a type below the table, of a model with an encoder.
formula() { # TYPE PER-TOKEN BYTES-OF-A-KEY BYTES-OF-32-TOKENS
  printf '%s\\t%s = 3 layers x (key %s + value %s); 1 text: %s = 32 tokens (blocks of 16) x ' \
    "$1" "$2" "$3" "$3" "$4"
  printf '(%s + source %s)' "$2" "$2"
}

# The table for a short text is what a run takes: bytes per token with the formula, those of the text, and the
# weights.
plan_as_run() { # MODEL TEXT TYPE
  run "04_kvcache data/$1 --plan 1"
  mv "$out" "$scratch/plan"
  run "04_kvcache data/$1 $2 --max-new-tokens 2 --verbose --cache-type $3"
  awk -F '\t' -v type="$3" -v has_encoder="$(grep -c ' cross,' "$err")" '
    FNR == NR && $1 == "weights" { weights = $2 + 0 }
    FNR == NR && $1 == type && NF == 7 { token = $2; text = $3 }
    FNR == NR && $1 == type && NF == 2 { split($2, formula, ";") }
    FNR == NR { next }
    /^Cache: / {
      n_words = split($0, word, " ")
      if (word[2] != token) print "per token " token ", in a run " word[2]
      sub(/^Cache: /, ""); sub(/;.*/, ""); sub(/ bytes per token/, "")
      if ($0 != formula[1]) print "formula \"" formula[1] "\", in a run \"" $0 "\""
      for (i = 1; i <= n_words; i++) {
        if (word[i] ~ /^text:$/) bytes += word[i + 1]
        if (word[i] ~ /^cross,$/) bytes += word[i - 1]
      }
      if (bytes != text) print "1 text " text ", in a run " bytes
      n++
    }
    /^Weights: / {
      n_words = split($0, word, " ")
      bytes = word[2] + (has_encoder > 0 ? word[5] : 0)
      if (bytes != weights) print "weights " weights ", in a run " bytes
      n++
    }
    END { if (n != 2) print "expected two lines of --verbose" }' "$scratch/plan" "$err" > "$scratch/wrong"
  [ ! -s "$scratch/wrong" ] || complain "data/$1 --plan, $3:" "$scratch/wrong" "$scratch/plan" "$err"
}

check_plan() {
  given 'read\n' # which is not read
  per_token='weights\t5591448 bytes\ncache\tper token\t1 text\t16 texts\t64 texts\t16 beams\t64 beams\n'
  # 17 tokens take two blocks of 16; a token 3 layers x 2 x 128 numbers, and as many of a source.
  accept '04_kvcache data/marian --plan 17' 'read\n' "$per_token$(printf '%s\\n' \
    'f32\t3072\t196608\t3145728\t12582912\t1671168\t6389760' \
    'f16\t1536\t98304\t1572864\t6291456\t835584\t3194880' \
    'int8\t864\t55296\t884736\t3538944\t470016\t1797120' \
    "$(formula f32 3072 512 196608)" "$(formula f16 1536 256 98304)" "$(formula int8 864 144 55296)")"
  [ ! -s "$err" ] || complain '--plan 17: it said:' "$err"
  # Input rows are half as many; there is no source.
  accept '04_kvcache data/gpt2 --plan 16 --cache-layers 1,4' '' "$(printf '%s\\n' 'weights\t2714112 bytes' \
    'cache\tper token\t1 text\t16 texts\t64 texts\t16 beams\t64 beams' \
    'f32\t3072\t49152\t786432\t3145728\t786432\t3145728' \
    "f32\t3072 = 2 layers x (key 384 + value 384) + 4 layers x (input row 384); $(:
    )1 text: 49152 = 16 tokens (blocks of 16) x 3072")"
  accept '04_kvcache data/marian --plan 1000000000 --cache-layers none' '' "$per_token$(printf '%s\\n' \
    'f32\t1536\t4608000000000\t73728000000000\t294912000000000\t27648000000000\t101376000000000' \
    "f32\t1536 = 3 layers x (input row 512); 1 text: 4608000000000 = 1000000000 tokens $(:
    )(blocks of 16) x (1536 + source 3072)")"
  for type in f32 f16 int8; do
    for model in marian marian-draft umt5 gpt2; do
      plan_as_run $model read $type
    done
    plan_as_run by_hand aab $type
  done

  given ''
  for model in 'marian 64' 'gpt2 512'; do
    limit=${model#* }
    model=data/${model% *}
    run "04_kvcache $model --plan $limit"
    expect_notes "04_kvcache $model --plan $limit"
    run "04_kvcache $model --plan $((limit + 1))"
    expect_notes "04_kvcache $model --plan $((limit + 1))" "the model has only $limit positions"
  done
  run '04_kvcache data/umt5 --plan 100000'
  expect_notes '04_kvcache data/umt5 --plan 100000'
  # There need be no tokenizer, as nothing is decoded.
  damaged no_tokenizer tokenizer.json
  same '' '04_kvcache data/marian --plan 5' "04_kvcache '$scratch/no_tokenizer' --plan 5"

  found='--plan: no text is decoded, found "read"'
  refuse 2 "$found" '04_kvcache data/marian read --plan 3'
  refuse 2 "$found" '04_kvcache --plan 3 data/marian read either'
  for value in 0 -1 1e3 1000000001; do
    refuse 2 "--plan: expected a whole number from 1, found \"$value\"" \
      "04_kvcache data/marian --plan $value"
  done
  refuse_by '03_greedy_nocache 05_beam' 2 'unknown option --plan' 'data/marian --plan 3'
}
