# SPDX-License-Identifier: MIT
# tools.sh -- the programs that measure, on inputs with known answers. By hand, from anywhere:
#
#   sh tests/scripts/tools.sh build evaluate
#
#   evaluate   error rates of a few lines that were counted by hand; and what is wrong with other files
#   types      how far logits are from those of f32, for a word; and what is no output of a model
#   by_hand    writes the weights of data/by_hand that are there
#   bench      a benchmark of a small shape prints every section, and plot draws it. No time is looked at
#   pictures   each picture of tests/measured/ is, byte for byte, what the command in the README.md there
#              draws; and other records than those a picture needs are refused
. "$(dirname "$0")/lib.sh"
limit_seconds 200

# A command line must end with this status.
expect() { # STATUS LINE
  run "$2"
  [ "$status" = "$1" ] || complain "$2: status $status, expected $1; it printed and said:" "$out" "$err"
}

# A file has this text in it, \n and \t as for printf.
has() { # WHAT FILE TEXT
  text=$(printf '%b.' "$3")
  text=${text%.}
  case "$newline$(cat "$2")$newline" in
    *"$text"*) ;;
    *) complain "$1: expected$newline$text${newline}in" "$2" ;;
  esac
}

# ---- evaluate ----------------------------------------------------------------------------------------------

#              output         closest reference   edits   without stress
#   read       R IY1 D        R IY1 D             0 of 3  0 of 3
#   cat        K AE0 T S      K AE1 T             2 of 3  1 of 3
#   bee        B IY0          B IY1               1 of 2  0 of 2
#   nothing                   K L                 2 of 2  2 of 2
#   tie        A B C          A B, not A B C D    1 of 2  1 of 2
# Wrong: 4 of 5, and 3 of 5. Edits: 6 of 12, and 4 of 12.
check_evaluate() {
  references=$scratch/references.tsv
  printf 'read\tR EH1 D\tR IY1 D\ncat\tK AE1 T\nbee\tB IY1\nnothing\tM N O\tK L\n' > "$references"
  printf 'tie\tA B C D\tA B\n' >> "$references"
  rates='lines\t5\nWER\t80.00\nPER\t50.00\nWER without stress\t60.00\nPER without stress\t33.33\n'
  evaluate="evaluate '$references'"

  # In another order, with a text nobody asked for; of each text the first line counts.
  printf 'tie\tA B C\nbee\tB IY0\nmore\tM AO1 R\nread\tR IY1 D\nread\tR\nnothing\t\n' > "$input"
  printf 'cat\tK AE0 T S\n' >> "$input"
  expect 0 "$evaluate"
  has 'two fields' "$out" "$rates"
  printf 'cat\t-0.5\tK AE0 T S\ncat\t-0.6\tK AE1 T\nread\t-0.1\tR IY1 D\ntie\t-1\tA B C\n' > "$input"
  printf 'bee\t-2\tB IY0\nnothing\t-3\t\n' >> "$input"
  expect 0 "$evaluate"
  has 'three fields' "$out" "$rates"

  printf 'read\tR IY1 D\nbee\tB IY0\ntie\tA B C\nnothing\t\n' > "$input"
  expect 1 "$evaluate"
  has 'a missing text' "$err" "error: stdin: no line for the text \"cat\" ($references:2)"
  printf 'read\tR IY1 D\nbee\n' > "$input"
  expect 1 "$evaluate"
  has 'one field' "$err" 'error: stdin:2: expected 2 fields'

  : > "$input"
  expect 1 "evaluate '$scratch'"
  has 'a directory' "$err" "error: $scratch: cannot "
  expect 1 "evaluate '$scratch/no such file'"
  has 'no file' "$err" 'no such file: cannot open'
  : > "$scratch/nothing"
  expect 1 "evaluate '$scratch/nothing'"
  has 'no lines' "$err" 'nothing: expected lines, found none'
  printf 'read\tR EH1 D\ncat\n' > "$scratch/words"
  expect 1 "evaluate '$scratch/words'"
  has 'no pronunciation' "$err" 'words:2: expected a text and at least one pronunciation'
  expect 2 'evaluate'
  expect 2 "$evaluate --stress"
  has 'a wrong option' "$err" 'unknown option --stress'
  expect 0 'evaluate --help'
  has 'help' "$out" 'usage: evaluate REFERENCES'
}

# ---- types -----------------------------------------------------------------------------------------------

check_types() {
  printf 'read\tR IY1 D\n' > "$input"
  expect 0 'compare_types data/marian'
  # 3 layers, 4 heads of 32: keys and values of 4, 2 or 1 bytes, as int8 with a float per head.
  has 'f32 and itself' "$out" '\nf32\t3072\t0\t0\n'
  has 'types' "$out" '\nf16\t1536\t0.00'
  has 'types' "$out" '\nint8\t864\t0.0'
  awk -F "$tab" '{ print (before < $3 && $4 <= $3); before = $3 }' "$out" | tail -n 2 > "$scratch/grows"
  has 'the smaller the further' "$scratch/grows" '\n1\n1\n'
  printf 'read\n' > "$input"
  expect 1 'compare_types data/marian'
  has 'one field' "$err" 'error: stdin:1: expected 2 fields (text, tokens), found 1'
  printf 'read\tR IY1 no\n' > "$input"
  expect 1 'compare_types data/marian'
  has 'no token' "$err" 'error: stdin:1: expected tokens of data/marian/tokenizer.json, found "no"'
  expect 2 'compare_types'
}

# ---- by_hand -----------------------------------------------------------------------------------------------

check_by_hand() {
  expect 0 "by_hand '$scratch/weights'"
  equal by_hand data/by_hand/model.safetensors "$scratch/weights"
  expect 2 by_hand
}

# ---- bench and plot ----------------------------------------------------------------------------------------

check_bench() {
  expect 0 'bench data/marian --quick --shape 32,2,64,100,8 --threads 2'
  mv "$out" "$scratch/bench.tsv"
  for line in 'limits\t-\tmemory\t2\t8 streams\t' 'matmul\t-\t512 -> 512 hot\t48\tshare of limit\t' \
    'matmul\t-\t2048 -> 512 cold\t1\tweights\t' 'matmul\t-\t512 -> 512 hot, textbook\t1\tarithmetic\t' \
    'small\t-\t128 -> 102 hot\t64\tshare of limit\t' 'prefill\t32,2,64,100\tprompt\t512\tshare of peak\t' \
    'prefill\t32,2,64,100\tprompt\t128\tshare of attention\t' \
    'contexts\t32,2,64,100\ttoken\t500\tshare of 8 streams\t' \
    'vocabulary\t32,2,64,50257\tbeams\t4\tshare of search\t' \
    'types\t32,2,64,100\tint8\t500\tof f32\t' 'layers\t32,2,64,100\tnone\t256\tof all\t' \
    'drafts\t32,2,64,100,8\tp 0.9\t8\tspeed-up\t'
  do
    has bench "$scratch/bench.tsv" "\n$line"
  done
  for model in 32,2,64,100,8 data/marian; do
    for line in "stages\t$model\t03\t20\tshare of peak\t" "stages\t$model\t04\t20\tshare of 8 streams\t" \
      "stages\t$model\t03 / 04\t10\tspeed-up\t" "stages\t$model\t03 / 04 textbook\t10\tspeed-up\t" \
      "beams\t$model\tshare\t4\tof greedy\t" "beams\t$model\tcopy\t8\tshare of reorder\t" \
      "batch\t$model\ttexts\t16\tof one text\t" "threads\t$model\tgreedy\t2\tof one thread\t" \
      "threads\t$model\ttexts, 4 beams\t2\tof one thread\t"
    do
      has bench "$scratch/bench.tsv" "\n$line"
    done
  done
  # 20 tokens are 2 blocks of 16, in 2 layers, of keys and values of 32 floats.
  has bytes "$scratch/bench.tsv" '\nstages\t32,2,64,100,8\t04\t20\tcache self\t16384\tbytes\t'
  # In 2 layers: 500 keys and values of 32 numbers, with a scale each as int8; 64 of them in one layer, and 64
  # rows of 32 in the other.
  for line in 'types\t32,2,64,100\tf32\t500\tcache\t256000\t' \
    'types\t32,2,64,100\tf16\t500\tcache\t128000\t' 'types\t32,2,64,100\tint8\t500\tcache\t72000\t' \
    'layers\t32,2,64,100\thalf\t64\tcache\t24576\t'
  do
    has bytes "$scratch/bench.tsv" "\n$line"
  done
  # Of 20 tokens with 4 guesses at a time: 20 passes where none is right, 4 where all are.
  for line in 'p 0\t4\ttokens per pass\t1\t' 'p 1\t4\ttokens per pass\t5\t' \
    'p 0.8\t2\texpected tokens per pass\t2.44\t'
  do
    has drafts "$scratch/bench.tsv" "\ndrafts\t32,2,64,100,8\t$line"
  done
  expect 0 'bench --quick --shape 32,2,64,100,8 --sections small,contexts'
  grep -v '^#' "$out" | cut -f 1 | sort -u | tr '\n' ' ' > "$scratch/sections"
  has 'some sections' "$scratch/sections" '\ncontexts limits section small \n'
  expect 2 'bench --sections small,prompts'
  has 'an unknown section' "$err" '--sections: "small,prompts" names one that is unknown'
  expect 2 'bench --shape 1,2,3'
  has 'a wrong shape' "$err" '--shape: expected five numbers'
  expect 2 'bench --shape'
  expect 1 "bench 'no such model'"

  plot="plot speed-up '$scratch/bench.tsv'"
  expect 0 "$plot"
  has plot "$out" 'model 32,2,64,100,8</text>\n</svg>'
  expect 0 "$plot data/marian"
  has plot "$out" 'model data/marian</text>\n</svg>'
  has plot "$out" 'prefers-color-scheme: dark'
  expect 1 "$plot other"
  has 'plot of nothing' "$err" 'no speed-up of the model "other"'
  expect 0 "plot drafts '$scratch/bench.tsv'"
  has 'plot of drafts' "$out" 'model 32,2,64,100,8</text>\n</svg>'
  expect 1 "plot drafts '$scratch/bench.tsv' data/marian"
  has 'drafts of no model' "$err" 'expected the section drafts of bench, with "p 0.7" of "data/marian"'
  expect 1 "plot roofline '$scratch/bench.tsv'"
  has 'a roofline of 20 tokens' "$err" 'with 100 tokens of "32,2,64,100,8"'
}

# ---- pictures ----------------------------------------------------------------------------------------------

check_pictures() {
  measured=tests/measured
  grep -h '^[$] build/.* > .*[.]svg$' $measured/README.md | sed 's|^[$] build/||' > "$scratch/commands"
  sed 's/.* > //' "$scratch/commands" | sort > "$scratch/made"
  ls $measured/*.svg | sort > "$scratch/there"
  equal 'the pictures that have a command' "$scratch/there" "$scratch/made"
  while read -r line; do
    expect 0 "${line% > *}"
    equal "$line" "${line#* > }" "$out"
  done < "$scratch/commands"

  read=$measured/read-05.txt
  expect 2 "draw tree $read"
  has 'no picture' "$err" 'unknown picture tree'
  expect 2 "draw rows $read"
  has 'one record' "$err" 'rows: expected 2 files, found 1'
  expect 2 "draw beams $read $read"
  expect 1 'draw beams nowhere'
  for picture in "rows $read $read" "attention $read" "blocks $read" "blocks $measured/transformer-04.txt" \
    "reorder $read" "beams $measured/transformer-04.txt"
  do
    expect 1 "draw $picture"
    shown=$(wc -c < "$out")
    [ $((shown)) = 0 ] || complain "draw $picture: it printed" "$out"
    has "draw $picture" "$err" 'expected '
  done
  expect 1 "plot steps $measured/transformer-03.txt $measured/antidisestablishmentarianism-04.txt"
  has 'different lengths' "$err" 'expected two records with the same number of steps'
}

case $#${2:-} in
  2evaluate | 2types | 2by_hand | 2bench | 2pictures) ;;
  *)
    printf '%s\n' 'usage: sh tests/scripts/tools.sh BUILD evaluate|types|by_hand|bench|pictures' >&2
    exit 2
    ;;
esac
use_build "$1"
use_scratch "tools-$2"
"check_$2"
printf '%s\n' "$2: $n_run command lines"
finish
