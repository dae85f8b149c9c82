// SPDX-License-Identifier: MIT
#include "check.h"
static void nothing(void) {}
int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"stub of test_tokenizer", nothing},
    };
    return RUN_TESTS(tests);
}
