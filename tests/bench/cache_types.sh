# SPDX-License-Identifier: MIT
# cache_types.sh -- what smaller numbers in a cache cost: the table of tests/measured/cache-types.tsv.
#
#   sh tests/bench/cache_types.sh build > tests/measured/cache-types.tsv      a few minutes; from anywhere
#
# Over the words of data/cmudict-test.tsv, for each trained model and each --cache-type: bytes per token of
# the decoder's self-attention, the largest and the mean difference of a logit to f32 (compare_types), the
# words whose greedy output is another one than with f32, and error rates in percent, greedy and with 4 beams.
. "$(dirname "$0")/../scripts/lib.sh"
use_build "${1:-}"
use_scratch cache-types
words=data/cmudict-test.tsv

# WER and PER of $out.
error_rates() {
  "$build/evaluate" $words < "$out" |
    awk -F "$tab" '$1 == "WER" { wer = $2 } $1 == "PER" { print wer FS $2 }'
}

"$build/bench" --quick --sections small > "$out" || exit 1
grep -E '^# (cpu|compiler|vectors)' "$out"
printf '%s\t' model type 'bytes per token' 'largest difference' 'mean difference' 'words changed' \
  'WER greedy' 'PER greedy' 'WER 4 beams'
printf '%s\n' 'PER 4 beams'
for model in marian umt5 gpt2; do
  "$build/04_kvcache" data/$model --max-new-tokens 40 < $words > "$expected" 2> "$err" &&
    "$build/compare_types" data/$model < "$expected" > "$scratch/types" || exit 1
  for type in f32 f16 int8; do
    "$build/04_kvcache" data/$model --max-new-tokens 40 --cache-type $type < $words > "$out" \
      2> "$err" || exit 1
    changed=$(diff "$expected" "$out" | grep -c '^>')
    greedy=$(error_rates)
    "$build/05_beam" data/$model --max-new-tokens 40 --num-beams 4 --num-return-sequences 1 \
      --cache-type $type < $words > "$out" 2> "$err" || exit 1
    printf '%s\t' "$model" "$(grep "^$type$tab" "$scratch/types")" "$changed" "$greedy"
    printf '%s\n' "$(error_rates)"
  done
done
