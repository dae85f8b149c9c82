# SPDX-License-Identifier: MIT
# commands_refused.sh -- checks of commands.sh: what the programs say about themselves, and what they refuse.

# ---- help --------------------------------------------------------------------------------------------------

common='max-new-tokens min-new-tokens num-return-sequences repetition-penalty no-repeat-ngram-size'
common="$common threads cache-type steps verbose ids"
sampling='temperature top-k top-p min-p seed'
options_of() { # STAGE
  case $1 in
    01_attention) echo head ids ;;
    02_decoder) echo attention layer head logits trace cache-type ids ;;
    03_greedy_nocache) echo "$common $sampling trace" ;;
    04_kvcache) echo "$common $sampling trace batch-size no-cache share-prefix draft draft-tokens" \
      "cache-layers plan" ;;
    05_beam) echo "$common num-beams length-penalty early-stopping reorder batch-size" ;;
    bench) echo shape sections rounds threads megabytes quick ;;
  esac
}

check_help() {
  version=$(sed -n 's/^project(.* VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
  for program in $stages bench evaluate plot; do
    run "$program --help"
    first_line "$out"
    case $status$first_line in
      "0usage: $program "*) ;;
      *) complain "$program --help: status $status, it printed:" "$out" ;;
    esac
    [ ! -s "$err" ] || complain "$program --help: it said:" "$err"
    awk 'length > 80' "$out" > "$scratch/wide"
    [ ! -s "$scratch/wide" ] || complain "$program --help: more than 80 columns:" "$scratch/wide"

    # An option's help may have several lines.
    awk '/^  --/ || !/^     / { printf "\n" } { printf "%s", $0 } END { print "" }' "$out" > "$scratch/rows"
    options=$(sed -n 's/^  --\([a-z-][a-z-]*\)\( [A-Z][^ ]*\)\{0,1\}  .*/\1/p' "$scratch/rows" | tr '\n' ' ')
    expected_options="$(options_of "$program") help version"
    [ "$options" = "${expected_options# } " ] ||
      complain "$program --help: its options are $options, expected $expected_options"
    grep '^  --[a-z-]* [A-Z]' "$scratch/rows" | grep -v '(default[: ].*)' > "$scratch/no_default" &&
      complain "$program --help: this shows no default:" "$scratch/no_default"
    same '' "$program --help" "$program -h" "$program nowhere -h --bogus"
    accept "$program --version" '' "$program $version\n"
  done
  for stage in $stages; do
    run "$stage --help"
    end=$(tail -n 2 "$out")
    case $end in
      "example:$newline  build/"*) same '' "${end#*build/}" "${end#*build/}" ;;
      *) complain "$stage --help: no example:" "$out" ;;
    esac
  done
  same '' '04_kvcache --help' '04_kvcache data/marian read --help' '04_kvcache --ids --help nowhere'
  accept '04_kvcache data/marian -- -h' '' '-h\tD IY1 EY1 CH\n'
}

# ---- usage -------------------------------------------------------------------------------------------------

check_usage() {
  refuse_by "$stages" 2 'too few arguments' ''
  refuse 2 'too few arguments' '01_attention data/marian'
  refuse 2 'too many arguments' '01_attention data/marian read either'
  refuse 2 'too few arguments' '02_decoder data/marian read'
  refuse 2 'too many arguments' '02_decoder data/marian read R IY1'

  refuse_by "$stages" 2 'unknown option --beams' 'data/marian read --beams 4'
  refuse_by "$stages" 2 'unknown option --id' 'data/marian read --id'
  refuse_by '03_greedy_nocache 04_kvcache' 2 'unknown option --num-beams' 'data/marian read --num-beams 4'
  refuse 2 'unknown option --batch-size' '03_greedy_nocache data/marian read --batch-size 1'
  refuse 2 'unknown option --temperature' '05_beam data/marian read --temperature 1'
  refuse 2 'unknown option --no-cache' '05_beam data/marian read --no-cache'
  refuse 2 'unknown option --reorder=copy' '04_kvcache data/marian read --reorder=copy'

  for option in $common $sampling batch-size; do # those that take a value
    case $option in
      steps | verbose | ids) ;;
      *) refuse 2 "--$option: expected a value, found the end" "04_kvcache data/marian read --$option" ;;
    esac
  done
  refuse_by '01_attention 02_decoder' 2 '--head: expected a value, found the end' 'data/marian read R --head'
  refuse 2 '--reorder: expected a value, found the end' '05_beam data/marian read --reorder'
  refuse_by "$generators" 2 '--ids takes no value' 'data/marian read --ids=1'
  refuse_by "$generators" 2 '--steps takes no value' 'data/marian read --steps='

  # Values out of range, for all programs that have the option.
  in_range='--head: expected a whole number from 0 to 1000000'
  for value in -1 x 1.0 1e0 0x1 ' 1' 1: 99999999999999999999; do
    refuse 2 "$in_range, found \"$value\"" "01_attention data/marian read --head '$value'"
  done
  refuse 2 "$in_range, found \"\"" '01_attention data/marian read --head='
  for value in 0 -1 2.5 10000001; do
    refuse_by "$generators" 2 \
      "--max-new-tokens: expected a whole number from 1 to 10000000, found \"$value\"" \
      "data/marian read --max-new-tokens $value"
  done
  rest='data/marian read'
  refuse_by "$generators" 2 '--min-new-tokens: expected a whole number from 0' "$rest --min-new-tokens -1"
  refuse_by "$generators" 2 '--num-return-sequences: expected a whole number from 1' \
    "$rest --num-return-sequences 0"
  refuse_by "$generators" 2 '--repetition-penalty: expected a number from' "$rest --repetition-penalty 0"
  refuse_by "$generators" 2 '--no-repeat-ngram-size: expected a whole number' \
    "$rest --no-repeat-ngram-size -1"
  refuse_by '04_kvcache 05_beam' 2 '--batch-size: expected a whole number from 1' "$rest --batch-size 0"
  refuse_by "$generators" 2 '--threads: expected a whole number from 1 to 256, found "257"' \
    "$rest --threads 257"
  greedy='03_greedy_nocache data/marian read'
  for value in -0.1 nan inf 1e7 hot; do
    refuse 2 "--temperature: expected a number from 0 to 1000000, found \"$value\"" \
      "$greedy --temperature $value"
  done
  refuse 2 '--top-k: expected a whole number from 0' "$greedy --temperature 1 --top-k -1"
  refuse 2 '--top-p: expected a number from 0 to 1' "$greedy --temperature 1 --top-p 1.1"
  refuse 2 '--min-p: expected a number from 0 to 1' "$greedy --temperature 1 --min-p -0.1"
  for value in -1 1.5 18446744073709551616 "''"; do
    refuse 2 '--seed: expected a whole number from 0' "$greedy --seed=$value"
  done
  beam='05_beam data/marian read'
  refuse 2 '--num-beams: expected a whole number from 1' "$beam --num-beams 0"
  refuse 2 '--length-penalty: expected a number' "$beam --length-penalty long"
  refuse 2 '--early-stopping: expected false, or true, or never, found "maybe"' "$beam --early-stopping maybe"
  refuse 2 '--reorder: expected share, or copy, found ""' "$beam --reorder="

  # What only another option, or the model, shows to be wrong.
  for option in 'top-k 5' 'top-p 0.9' 'min-p 0.1' 'num-return-sequences 2'; do
    refuse_by '03_greedy_nocache 04_kvcache' 2 "--${option%% *}" "data/marian read --$option"
    refuse 2 "--${option%% *}" "04_kvcache data/marian read --temperature 0 --$option"
    refuse 2 "--${option%% *}" "04_kvcache nowhere read --$option"
  done
  # Nor is an option ignored where it means nothing.
  refuse_by '03_greedy_nocache 04_kvcache' 2 '--seed needs a --temperature above 0' \
    'data/marian read --seed 1'
  refuse 2 '--batch-size: with --no-cache texts are decoded one by one' \
    '04_kvcache data/marian read either --batch-size 32 --no-cache'
  for option in 'early-stopping true' 'early-stopping false' 'reorder copy' 'reorder share' steps; do
    refuse 2 "--${option%% *} needs more than one beam" "$beam --num-beams 1 --$option"
  done
  at_most='--num-return-sequences: expected at most the number of beams'
  refuse 2 "$at_most, 4, found 5" "$beam --num-return-sequences 5"
  refuse 2 "$at_most, 2" '05_beam data/umt5 read --num-beams 2 --num-return-sequences 3'
  refuse 2 '--head: expected a number from 0 to 3, found 4' '01_attention data/marian read --head 4'
  refuse 2 '--head: expected a number from 0 to 3, found 4' '02_decoder data/gpt2 read R --attention --head 4'
  refuse 2 '--layer: expected a number from 0 to 5, found 6' \
    '02_decoder data/gpt2 read R --attention --layer 6'
  refuse 2 '--layer needs --attention or --trace' '02_decoder data/marian read R --layer 0'
  refuse 2 '--head needs --attention' '02_decoder data/marian read R --head 0 --logits'
  exclude='--attention, --logits and --trace exclude each other'
  refuse 2 "$exclude" '02_decoder data/marian read R --attention --logits'
  refuse 2 "$exclude" '02_decoder data/marian read R --trace logits --logits'
  refuse 2 '--trace: expected the name of a tensor, found "keys"; there are encoder.hidden ' \
    '02_decoder data/marian read R --trace keys'
  one_text='--trace needs one text on the command line, and one result'
  refuse_by '03_greedy_nocache 04_kvcache' 2 "$one_text" 'data/marian read either --trace logits'
  refuse_by '03_greedy_nocache 04_kvcache' 2 "$one_text" \
    'data/gpt2 read --trace logits --temperature 1 --num-return-sequences 2 --seed 1'

  # And what is right though it looks odd.
  accept '04_kvcache --max-new-tokens=9 data/marian --threads 2 read --batch-size=1' '' 'read\tR IY1 D\n'
  accept '04_kvcache data/marian -- read' '' 'read\tR IY1 D\n'
  same '--steps\n' '04_kvcache data/marian' '04_kvcache data/marian -- --steps' \
    '04_kvcache -- data/marian --steps'
  same '' '05_beam data/marian read --length-penalty -1' '05_beam data/marian read --length-penalty=-1.0'
}

# ---- models ------------------------------------------------------------------------------------------------

# A copy of data/marian in $scratch where a file has another text, or (no text) is missing.
damaged() { # NAME FILE [TEXT]
  mkdir "$scratch/$1"
  for file in config.json generation_config.json model.safetensors tokenizer.json; do
    [ $file = "$2" ] || cp "$root/data/marian/$file" "$scratch/$1"
  done
  [ $# = 2 ] || printf '%b' "$3" > "$scratch/$1/$2"
}

# The copy is refused by one program of those that only load it and one of those that generate.
refuse_model() { # NAME MESSAGE
  refuse_by '01_attention 04_kvcache' 1 "$scratch/$1/$2" "'$scratch/$1' read"
}

check_models() {
  expected_directory='expected a model directory (with config.json, model.safetensors), found'
  refuse_by "01_attention $generators" 1 "$expected_directory \"nowhere\"" 'nowhere read'
  refuse 1 "$expected_directory \"nowhere\"" '02_decoder nowhere read R'
  refuse_by "$generators" 1 "$expected_directory \"read\"" 'read' # the model has been forgotten
  refuse_by "$generators" 1 "$expected_directory \"README.md\"" 'README.md read'
  refuse_by "$generators" 1 'data/config.json: cannot open' 'data'

  damaged no_config config.json
  refuse_model no_config 'config.json: cannot open'
  damaged half_config config.json '{"architectures": ["MarianMTModel"],'
  refuse_model half_config 'config.json:1: '
  damaged list_config config.json '[]'
  refuse_model list_config 'config.json: expected an object'
  damaged other_config config.json '{"architectures": ["BertModel"]}'
  refuse_model other_config 'config.json: key "architectures": expected MarianMTModel'
  damaged narrow config.json
  sed 's/"d_model": 128/"d_model": 64/' "$root/data/marian/config.json" > "$scratch/narrow/config.json"
  refuse_model narrow 'model.safetensors: '
  damaged unsaid config.json
  sed 's/"decoder_layers": 3,//' "$root/data/marian/config.json" > "$scratch/unsaid/config.json"
  refuse_model unsaid 'model.safetensors: tensor model.decoder.layers.3.self_attn.q_proj.weight: '

  damaged no_weights model.safetensors
  refuse_model no_weights 'model.safetensors: cannot open'
  damaged no_header model.safetensors 'not a checkpoint'
  refuse_model no_header 'model.safetensors: '
  damaged umt5s_weights model.safetensors
  cp "$root/data/umt5/model.safetensors" "$scratch/umt5s_weights"
  refuse_model umt5s_weights 'model.safetensors: '

  damaged half_options generation_config.json '{'
  refuse_model half_options 'generation_config.json:1: '
  damaged bad_option generation_config.json '{"decoder_start_token_id": 0,\n"num_beams": 0}'
  refuse_by "$generators" 1 "$scratch/bad_option/generation_config.json:2: key \"num_beams\": expected" \
    "'$scratch/bad_option' read"
  damaged bad_end generation_config.json '{"eos_token_id": "x"}'
  refuse_model bad_end 'generation_config.json:1: key "eos_token_id": expected a token id, or an array'

  damaged no_tokenizer tokenizer.json
  refuse_model no_tokenizer 'tokenizer.json: cannot open'
  same '24 11 7 10 1\n' "04_kvcache '$scratch/no_tokenizer' --ids" '04_kvcache data/marian --ids'
  damaged other_tokenizer tokenizer.json '{"model": {"type": "BPE"}}'
  refuse_model other_tokenizer 'tokenizer.json: '
}
