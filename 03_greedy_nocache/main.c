// SPDX-License-Identifier: MIT
// 03_greedy_nocache -- generate one token at a time, and compute everything again for each.
#include "program.h"

int main(int argc, char **argv)
{
    Program p = {.asked = options_unset(), .batch_size = 16, .n_threads = 1};
    Option own[6];
    sampling_options(&p, own);
    const int status =
        program_start(&p, "03_greedy_nocache MODEL [TEXT...] [options]",
                      "Prints for each TEXT (or line of stdin, up to its first TAB) the text, a TAB, and the "
                      "tokens that the model in the\n"
                      "directory MODEL writes for it. Every step computes all rows of the decoder again.",
                      "build/03_greedy_nocache data/marian transformer", own, argc, argv);
    return status >= 0 ? status : run_without_cache(&p);
}
