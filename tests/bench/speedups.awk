# SPDX-License-Identifier: MIT
# speedups.awk -- what a cache buys, by number of tokens, from the output of bench for its generated model:
#
#   awk -f tests/bench/speedups.awk tests/measured/epyc-zen4-gcc12.tsv
#
# Prediction: by counting operations, two for each weight and row. A decoder row has six matrices of D x D (query, key,
# value and output of self-attention, query and output of cross-attention) and two of D x F per layer. Without
# a cache each step also computes keys and values of S source rows. Both compute the lm_head of one row.
BEGIN { FS = "\t" }
$1 == "# model" && !model {
    model = $2
    split(model, size, ",")
    D = size[1]; L = size[2]; F = size[3]; V = size[4]; S = size[5]
    row = 2 * L * (6 * D * D + 2 * D * F)
    source = 2 * L * 2 * D * D * S
    head = 2 * D * V
    printf "million operations: a decoder row %.1f, the source %.1f (%.1f rows), the lm_head %.1f\n", row / 1e6,
        source / 1e6, source / row, head / 1e6
    print "   n  (n+1)/2  predicted  textbook  packed  ms without cache  ms with"
}
$1 == "stages" && $2 == model && $5 == "speed-up" { speed_up[$4, $3 ~ /textbook/] = $6 }
$1 == "stages" && $2 == model && $5 == "time per token" && ($3 == "03" || $3 == "04") { time[$4, $3] = $6 }
$1 == "stages" && $2 == model && $5 == "(n + 1) / 2" { tokens[++n_lines] = $4 }
END {
    for (i = 1; i <= n_lines; i++) {
        n = tokens[i]
        predicted = (row * (n + 1) / 2 + source + head) / (row + head)
        printf "%4d  %7.1f  %9.1f  %8.1f  %6.1f  %16.1f  %7.1f\n", n, (n + 1) / 2, predicted, speed_up[n, 1],
            speed_up[n, 0], time[n, "03"], time[n, "04"]
    }
}
