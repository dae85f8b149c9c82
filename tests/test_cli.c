// SPDX-License-Identifier: MIT
// Command lines: what is read from them, and what is wrong with them.
#include "check.h"
#include "made_files.h"
#include <setjmp.h>

// cli.c calls exit() after --help and where a command line is wrong, which would end the test program. So it
// is compiled into this file with exit_to_test() in place of exit(). That jumps back to the setjmp() in
// parse(), which then returns a second time: not 0, as at first, but what longjmp() is given, status + 1.
static jmp_buf before_cli_parse;
static _Noreturn void exit_to_test(int status) { longjmp(before_cli_parse, status + 1); }
#define exit exit_to_test
#include "cli.c"
#undef exit

// ---- options ----------------------------------------------------------------------------------------------

enum { MAX_ARGUMENTS = 12, WENT_ON = -1 }; // WENT_ON: the status if cli_parse() has not called exit()

typedef struct { // what a command line is read into
    bool flag;
    int number, choice;
    uint64_t seed;
    double real;
    bool seed_given;
    char *argv[MAX_ARGUMENTS + 1];
    int n_words, status;
} Values;

static Values parse(const char *const *arguments)
{
    static const char *const colours[] = {"red", "green", "blue", NULL};
    static Values v; // static: after longjmp() a local variable may have lost its value
    v = (Values){.number = -1, .choice = -1, .real = -1, .argv = {"program"}, .status = WENT_ON};
    const Option options[] = {
        OPT_FLAG("--flag", &v.flag, "a flag"),
        OPT_INT("--number", "N", &v.number, -5, 1000000, "a number"),
        OPT_INT("--num", "N", &v.number, 0, 1e9, "its name begins another"),
        OPT_END,
    };
    const Option more[] = {
        OPT_UINT64("--seed", "S", &v.seed, &v.seed_given, "64 bits"),
        OPT_REAL("--real", "R", &v.real, 0, 1e6, "a real number"),
        OPT_CHOICE("--colour", "C", &v.choice, colours, "a choice"),
        OPT_END,
    };
    const Command command = {.usage = "program FIRST [MORE]",
                             .about = "About.",
                             .example = "program x",
                             .min_words = 1,
                             .max_words = 3,
                             .options = {options, more}};
    static int argc;
    argc = 1;
    for (; *arguments && argc < MAX_ARGUMENTS; arguments++) v.argv[argc++] = (char *)*arguments;
    const int jumped = setjmp(before_cli_parse);
    if (jumped) v.status = jumped - 1;
    else v.n_words = cli_parse(&command, argc, v.argv);
    return v;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void options_read(void)
{
    Values v = PARSE("a", "--flag", "--number", "7", "b", "--seed=18446744073709551615", "--real", "2.5",
                     "--colour=blue", "c");
    CHECK(v.status == WENT_ON && v.flag && v.number == 7 && v.real == 2.5 && v.choice == 2, "status %d",
          v.status);
    CHECK(v.seed == UINT64_MAX && v.seed_given, "%llu", (unsigned long long)v.seed);
    CHECK(v.n_words == 3 && !strcmp(v.argv[1], "a") && !strcmp(v.argv[2], "b") && !strcmp(v.argv[3], "c"),
          "%d words", v.n_words);

    v = PARSE("a");
    CHECK(v.status == WENT_ON && !v.flag && v.number == -1 && v.choice == -1 && !v.seed_given,
          "nothing given");
    v = PARSE("--number", "-5", "a"); // a value may begin with '-'
    CHECK(v.status == WENT_ON && v.number == -5, "%d", v.number);
    v = PARSE("--number=-3", "a");
    CHECK(v.status == WENT_ON && v.number == -3, "%d", v.number);
    v = PARSE("--num", "8", "a");
    CHECK(v.status == WENT_ON && v.number == 8, "%d", v.number);
    v = PARSE("--number", "1", "a", "--number", "2"); // the last one counts
    CHECK(v.status == WENT_ON && v.number == 2, "%d", v.number);
    v = PARSE("--real", "1e3", "--real=0", "a");
    CHECK(v.status == WENT_ON && v.real == 0, "%g", v.real);
    v = PARSE("--number", "1000000", "--seed", "0", "a");
    CHECK(v.status == WENT_ON && v.number == 1000000 && v.seed == 0, "%d", v.number);
    v = PARSE("--", "--flag", "--", "--help"); // after "--" everything is a word
    CHECK(v.status == WENT_ON && !v.flag && v.n_words == 3 && !strcmp(v.argv[2], "--"), "%d words",
          v.n_words);
    v = PARSE("-", "-x", "");
    CHECK(v.status == WENT_ON && v.n_words == 3 && !*v.argv[3], "single dashes and empty words are words: %d",
          v.n_words);
}

typedef struct {
    const char *arguments[6];
    const char *message; // part of it
} Wrong;

// Every row gives an error on stderr. From here on that is a file, so this test is the last.
static void options_refused(void)
{
    static const char path[] = TEST_DIR "/cli-stderr.txt";
    static const Wrong cases[] = {
        {.arguments = {"a", "--bogus"}, "unknown option --bogus"},
        {.arguments = {"a", "--bogus=1"}, "unknown option --bogus=1"},
        {.arguments = {"a", "--fla"}, "unknown option --fla"},
        {.arguments = {"a", "--flags"}, "unknown option --flags"},
        {.arguments = {"a", "--=1"}, "unknown option --=1"},
        {.arguments = {"a", "--FLAG"}, "unknown option --FLAG"},
        {.arguments = {"a", "--flag=1"}, "--flag takes no value"},
        {.arguments = {"a", "--number"}, "--number: expected a value, found the end of the command line"},
        {.arguments = {"a", "--number", "x"},
         "--number: expected a whole number from -5 to 1000000, found \"x\""},
        {.arguments = {"a", "--number="}, "found \"\""},
        {.arguments = {"a", "--number", ""}, "found \"\""},
        {.arguments = {"a", "--number", "-6"}, "found \"-6\""},
        {.arguments = {"a", "--number", "1000001"}, "found \"1000001\""},
        {.arguments = {"a", "--number", "1.0"}, "found \"1.0\""},
        {.arguments = {"a", "--number", "1e2"}, "found \"1e2\""},
        {.arguments = {"a", "--number", "0x10"}, "found \"0x10\""},
        {.arguments = {"a", "--number", "7 "}, "found \"7 \""},
        {.arguments = {"a", "--number", " 7"}, "found \" 7\""},
        {.arguments = {"a", "--number", "7,5"}, "found \"7,5\""},
        {.arguments = {"a", "--number", "--flag"}, "found \"--flag\""},
        {.arguments = {"a", "--number", "99999999999999999999"}, "found \"99999999999999999999\""},
        {.arguments = {"a", "--num", "1000000001"}, "--num: expected a whole number from 0, found"},
        {.arguments = {"a", "--seed", "-1"}, "--seed: expected a whole number from 0, found \"-1\""},
        {.arguments = {"a", "--seed", "18446744073709551616"}, "found \"18446744073709551616\""},
        {.arguments = {"a", "--seed", "1.5"}, "found \"1.5\""},
        {.arguments = {"a", "--seed", " 1"}, "found \" 1\""},
        {.arguments = {"a", "--seed="}, "found \"\""},
        {.arguments = {"a", "--real", "-0.1"}, "--real: expected a number from 0 to 1000000, found \"-0.1\""},
        {.arguments = {"a", "--real", "nan"}, "found \"nan\""},
        {.arguments = {"a", "--real", "inf"}, "found \"inf\""},
        {.arguments = {"a", "--real", "1x"}, "found \"1x\""},
        {.arguments = {"a", "--colour", "pink"}, "--colour: expected red, or green, or blue, found \"pink\""},
        {.arguments = {"a", "--colour", "RED"}, "found \"RED\""},
        {.arguments = {"a", "--colour="}, "found \"\""},
        {.arguments = {"--flag"}, "too few arguments: usage: program FIRST [MORE]"},
        {.arguments = {"--"}, "too few arguments"},
        {.arguments = {"a", "b", "c", "d"}, "too many arguments: usage: program FIRST [MORE]"},
        {.arguments = {"a", "b", "--", "--flag", "d"}, "too many arguments"},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        CHECK(freopen(path, "wb", stderr), "stderr to a file");
        const Values v = parse(cases[i].arguments);
        fflush(stderr);
        Bytes said = file_bytes(path);
        CHECK(v.status == 2, "%s: status %d", cases[i].message, v.status);
        CHECK(!strncmp(said.bytes, "error: ", 7) && strstr(said.bytes, cases[i].message),
              "expected \"%s\", found %s", cases[i].message, said.bytes);
        CHECK(strstr(said.bytes, " (program --help lists the options)\n") &&
                  strchr(said.bytes, '\n') == said.bytes + said.n - 1,
              "%s", said.bytes);
        bytes_free(&said);
    }
    printf("%d command lines\n", n);
}

static void help(void)
{
    Values v = PARSE("--number", "3", "--help", "--bogus"); // nothing behind --help is read
    CHECK(v.status == 0, "status %d", v.status);
    v = PARSE("-h", "--bogus");
    CHECK(v.status == 0, "-h: status %d", v.status);
    v = PARSE("a", "--version", "--bogus");
    CHECK(v.status == 0, "--version: status %d", v.status);
    v = PARSE("a", "--", "-h", "--version"); // words
    CHECK(v.status == WENT_ON && v.n_words == 3 && !strcmp(v.argv[2], "-h"), "status %d", v.status);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"options are read wherever they stand", options_read},
        {"--help ends the command line with status 0", help},
        {"a wrong option is an error with status 2 that names it", options_refused},
    };
    return RUN_TESTS(tests);
}
