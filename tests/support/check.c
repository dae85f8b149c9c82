// SPDX-License-Identifier: MIT
// check.c -- counts failures and runs tests.
#include "check.h"
#include <stdbool.h>

int check_failures;

static bool is_named(const char *sentence, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(sentence, argv[i])) return true;
    return false;
}

int run_tests(const Test *tests, size_t n_tests, Each *each, int argc, char **argv)
{
    int n_run = 0;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // so that the output of a test is seen even if it crashes
    for (size_t i = 0; i < n_tests; i++)
        if (argc < 2 || is_named(tests[i].sentence, argc, argv)) {
            int before = check_failures;
            if (each) each(tests[i].run);
            else tests[i].run();
            printf("%s: %s\n", check_failures > before ? "FAILED" : "ok", tests[i].sentence);
            n_run++;
        }
    const bool all_found = argc < 2 || n_run == argc - 1;
    if (!all_found) printf("%d of %d sentences are tests of %s\n", n_run, argc - 1, argv[0]);
    return !all_found || !n_run || check_failures;
}

const char *ids_text(char out[MAX_IDS_TEXT], const int *ids, int n)
{
    int at = 0;
    out[0] = 0;
    for (int i = 0; i < n && at < MAX_IDS_TEXT - 20; i++)
        at += snprintf(out + at, MAX_IDS_TEXT - at, i ? " %d" : "%d", ids[i]);
    return out;
}
