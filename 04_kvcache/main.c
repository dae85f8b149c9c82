// SPDX-License-Identifier: MIT
// 04_kvcache -- the same output as 03_greedy_nocache, but each position is computed once.
#include "program.h"
#include "single.h"

int main(int argc, char **argv)
{
    Program p = {.asked = options_unset(), .batch_size = 16, .n_threads = 1};
    bool no_cache = false;
    Option own[7];
    sampling_options(&p, own);
    own[5] = (Option){"--no-cache", NULL, "do as 03_greedy_nocache does", OPTION_FLAG, &no_cache, NULL, 0, 0,
                      NULL};
    own[6] = (Option){0};
    const int status = program_start(
        &p, "04_kvcache MODEL [TEXT...] [options]",
        "Prints for each TEXT (or line of stdin, up to its first TAB) the text, a TAB, and the tokens that "
        "the model in the\n"
        "directory MODEL writes for it. Keys and values are kept, so each step computes one row.",
        "build/04_kvcache data/marian transformer", own, argc, argv);
    if (status >= 0) return status;
    return no_cache ? run_without_cache(&p) : run_with_cache(&p);
}
