# SPDX-License-Identifier: MIT
# speedups.awk -- what a cache buys, by number of tokens, from the output of bench for its generated model:
#
#   awk -f tests/bench/speedups.awk tests/measured/epyc-zen4-gcc12.tsv
#
# Prediction: by counting multiplications with weights. A decoder row has six matrices of D x D (query, key,
# value and output of self-attention, query and output of cross-attention) and two of D x F per layer. Without
# a cache each step also computes keys and values of S source rows. Both compute the lm_head of one row.
BEGIN { FS = "\t" }
$1 == "# model" && !model {
    model = $2
    split(model, size, ",")
    D = size[1]; L = size[2]; F = size[3]; V = size[4]; S = size[5]
    row = L * (6 * D * D + 2 * D * F)
    source = L * 2 * D * D * S
    printf "a decoder row: %.1f M multiplications; keys and values of the source: %.1f M = %.1f rows; lm_head: %.1f M\n",
        row / 1e6, source / 1e6, source / row, D * V / 1e6
    print "   n  (n+1)/2  predicted  textbook  packed  ms without cache  ms with"
}
$1 == "stages" && $2 == model && $5 == "speed-up" { speed_up[$4, $3 ~ /textbook/] = $6 }
$1 == "stages" && $2 == model && $5 == "time per token" && ($3 == "03" || $3 == "04") { time[$4, $3] = $6 }
$1 == "stages" && $2 == model && $5 == "(n + 1) / 2" { tokens[++n_lines] = $4 }
END {
    for (i = 1; i <= n_lines; i++) {
        n = tokens[i]
        predicted = (row * (n + 1) / 2 + source + D * V) / (row + D * V)
        printf "%4d  %7.1f  %9.3g  %8.3g  %6.2g  %16.3g  %7.2g\n", n, (n + 1) / 2, predicted, speed_up[n, 1],
            speed_up[n, 0], time[n, "03"], time[n, "04"]
    }
}
