// SPDX-License-Identifier: MIT
// check.c -- counts failures and runs tests.
#include "check.h"

int check_failures;

int run_tests(const Test *tests, size_t n_tests, int argc, char **argv)
{
    size_t n_run = 0;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // what a test said is seen even if it crashes
    for (size_t i = 0; i < n_tests; i++)
        if (argc < 2 || strstr(tests[i].sentence, argv[1])) {
            int before = check_failures;
            tests[i].run();
            printf("%s: %s\n", check_failures > before ? "FAILED" : "ok", tests[i].sentence);
            n_run++;
        }
    if (!n_run) printf("no test is called \"%s\"\n", argv[1]);
    return !n_run || check_failures;
}
