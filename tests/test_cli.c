// SPDX-License-Identifier: MIT
// Command lines and lines of stdin: what is read from them, and what is wrong with them.
#include "check.h"
#include "cli.h"
#include "made_files.h"

// ---- options ---------------------------------------------------------------------------------------------------

typedef struct { // what a command line is read into
    bool flag;
    int number, choice;
    uint64_t seed;
    double real;
    bool number_given;
    const char *words[16];
    int n_words, status;
} Values;

enum { MOST_ARGUMENTS = 12 };

static Values parse(const char *const *arguments)
{
    static const char *const colours[] = {"red", "green", "blue", NULL};
    Values v = {.number = -1, .choice = -1, .real = -1};
    const Option options[] = {
        {"--flag", NULL, "a flag", OPTION_FLAG, &v.flag, NULL, 0, 0, NULL},
        {"--number", "N", "a number", OPTION_INT, &v.number, &v.number_given, -5, 1000000, NULL},
        {"--num", "N", "its name begins another", OPTION_INT, &v.number, NULL, 0, 1e9, NULL},
        {"--seed", "S", "64 bits", OPTION_UINT64, &v.seed, NULL, 0, 0, NULL},
        {"--real", "R", "a real number", OPTION_REAL, &v.real, NULL, 0, 1e6, NULL},
        {"--colour", "C", "a choice", OPTION_CHOICE, &v.choice, NULL, 0, 0, colours},
        {0},
    };
    const Command command = {"program FIRST [MORE]", "About.", "program x", options, 1, 3};
    char *argv[MOST_ARGUMENTS + 1] = {"program"};
    int argc = 1;
    for (; *arguments && argc < MOST_ARGUMENTS; arguments++) argv[argc++] = (char *)*arguments;
    v.status = cli_parse(&command, argc, argv, v.words, &v.n_words);
    return v;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void options_read(void)
{
    Values v = PARSE("a", "--flag", "--number", "7", "b", "--seed=18446744073709551615", "--real", "2.5",
                     "--colour=blue", "c");
    CHECK(v.status == -1 && v.flag && v.number == 7 && v.number_given && v.real == 2.5 && v.choice == 2,
          "status %d", v.status);
    CHECK(v.seed == UINT64_MAX, "%llu", (unsigned long long)v.seed);
    CHECK(v.n_words == 3 && !strcmp(v.words[0], "a") && !strcmp(v.words[1], "b") && !strcmp(v.words[2], "c"),
          "%d words", v.n_words);

    v = PARSE("a");
    CHECK(v.status == -1 && !v.flag && v.number == -1 && !v.number_given && v.choice == -1, "nothing given");
    v = PARSE("--number", "-5", "a"); // a value may begin with '-'
    CHECK(v.status == -1 && v.number == -5, "%d", v.number);
    v = PARSE("--number=-3", "a");
    CHECK(v.status == -1 && v.number == -3, "%d", v.number);
    v = PARSE("--num", "8", "a");
    CHECK(v.status == -1 && v.number == 8 && !v.number_given, "%d", v.number);
    v = PARSE("--number", "1", "a", "--number", "2"); // the last one counts
    CHECK(v.status == -1 && v.number == 2, "%d", v.number);
    v = PARSE("--real", "1e3", "--real=0", "a");
    CHECK(v.status == -1 && v.real == 0, "%g", v.real);
    v = PARSE("--number", "1000000", "--seed", "0", "a");
    CHECK(v.status == -1 && v.number == 1000000 && v.seed == 0, "%d", v.number);
    v = PARSE("--", "--flag", "--", "--help"); // after "--" everything is a word
    CHECK(v.status == -1 && !v.flag && v.n_words == 3 && !strcmp(v.words[1], "--"), "%d words", v.n_words);
    v = PARSE("-", "-x", "");
    CHECK(v.status == -1 && v.n_words == 3 && !*v.words[2], "single dashes and empty words are words: %d",
          v.n_words);
}

typedef struct {
    const char *arguments[6];
    const char *message; // part of it
} Wrong;

// Every row on stderr, which goes to a file here, and stays there: this is the last test.
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
    const Values v = PARSE("--number", "3", "--help", "--bogus"); // nothing behind --help is read
    CHECK(v.status == 0, "status %d", v.status);
}

// ---- texts -----------------------------------------------------------------------------------------------------

typedef struct {
    const char *text, *problem;
} Expected;

// The texts of words, or (n_words 0) of a file as stdin.
static void check_texts(const char *const *words, int n_words, const Expected *expected, int n)
{
    Texts texts = {.words = words, .n_words = n_words};
    Text text;
    for (int i = 0; i < n; i++) {
        const bool more = texts_next(&texts, &text);
        CHECK(more, "text %d of %d is missing", i + 1, n);
        if (!more) break;
        CHECK(!strcmp(text.text, expected[i].problem ? "" : expected[i].text), "text %d: \"%.60s\"", i + 1,
              text.text);
        CHECK(!text.problem == !expected[i].problem &&
                  (!text.problem || strstr(text.problem, expected[i].problem)),
              "text %d: %s", i + 1, text.problem ? text.problem : "no problem");
        CHECK(text.number == i + 1 && !strcmp(text.kind, n_words ? "text" : "line"), "%s %d", text.kind,
              text.number);
    }
    CHECK(!texts_next(&texts, &text), "one more: \"%.60s\"", text.text);
    CHECK(!texts_next(&texts, &text), "the end stays the end");
    texts_free(&texts);
}

static void check_lines(const char *path, const void *bytes, size_t n_bytes, const Expected *expected, int n)
{
    file_make(path, bytes, n_bytes);
    CHECK(freopen(path, "rb", stdin), "stdin from a file");
    check_texts(NULL, 0, expected, n);
}

static void texts_of_words(void)
{
    static const char *const words[] = {"one",  "",      "three\tcut", "four\nlines",
                                        "\xC3", "six\r", "\t",         "eight\tand\n\xFF"};
    static const Expected expected[] = {{.text = "one", NULL},
                                        {.text = "", NULL},
                                        {.text = "three", NULL},
                                        {.text = NULL, "line break"},
                                        {.text = NULL, "not valid UTF-8"},
                                        {.text = "six\r", NULL},
                                        {.text = "", NULL},
                                        {.text = "eight", NULL}};
    const int n = sizeof words / sizeof *words;
    check_texts(words, n, expected, n);
    printf("%d texts\n", n);
}

static void texts_of_lines(void)
{
    static const char input[] = "one\n"
                                "\n"
                                "three\tT\tR\n"
                                "four\r\n"
                                "fi\rve\n"
                                "six\tbehind the TAB \xFF anything\0goes\n"
                                "\xC3\xA9t\xC3\xA9\n"
                                "\xFF\n"
                                "ni\0ne\n"
                                "\r\n"
                                "\tx\n"
                                " twelve \n"
                                "last";
    static const Expected expected[] = {{.text = "one", NULL},
                                        {.text = "", NULL},
                                        {.text = "three", NULL},
                                        {.text = "four", NULL},
                                        {.text = "fi\rve", NULL},
                                        {.text = "six", NULL},
                                        {.text = "\xC3\xA9t\xC3\xA9", NULL},
                                        {.text = NULL, "not valid UTF-8"},
                                        {.text = NULL, "a zero byte"},
                                        {.text = "", NULL},
                                        {.text = "", NULL},
                                        {.text = " twelve ", NULL},
                                        {.text = "last", NULL}};
    const int n = sizeof expected / sizeof *expected;
    check_lines(TEST_DIR "/cli-lines.txt", input, sizeof input - 1, expected, n);
    check_lines(TEST_DIR "/cli-lines.txt", "", 0, NULL, 0);
    check_lines(TEST_DIR "/cli-lines.txt", "\n", 1, &(Expected){.text = "", NULL}, 1);
    check_lines(TEST_DIR "/cli-lines.txt", "a\n\r", 3, (Expected[2]){{.text = "a", NULL}, {.text = "", NULL}},
                2);
    check_lines(TEST_DIR "/cli-lines.txt", "a\r", 2, &(Expected){.text = "a", NULL}, 1);
    printf("%d lines in 5 files\n", n + 4);
}

// Lines around the limit, each followed by one that must not suffer from it.
static void long_lines(void)
{
    static const char *const ends[] = {"\n", "\r\n"};
    Bytes line = {0};
    bytes_print(&line, "%0*d", 2 * LONGEST_LINE, 0);
    for (int end = 0; end < 2; end++)
        for (int n = LONGEST_LINE - 1; n <= LONGEST_LINE + 3; n++) {
            Bytes input = {0}, text = {0};
            bytes_add(&text, line.bytes, (size_t)n);
            bytes_print(&input, "%s%sb%s", text.bytes, ends[end], ends[end]);
            const Expected expected[] = {
                {.text = text.bytes, n > LONGEST_LINE ? "longer than 65536 bytes" : NULL},
                {.text = "b", NULL}};
            check_lines(TEST_DIR "/cli-long.txt", input.bytes, input.n, expected, 2);
            check_texts((const char *const[]){text.bytes, "b"}, 2, expected, 2);
            bytes_free(&input);
            bytes_free(&text);
        }
    const Expected too_long = {.text = NULL, "longer than 65536 bytes"};
    check_lines(TEST_DIR "/cli-long.txt", line.bytes, line.n, &too_long, 1); // and no line end
    bytes_free(&line);
    printf("10 lengths around %d\n", LONGEST_LINE);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"options are read wherever they stand", options_read},
        {"--help ends the command line with status 0", help},
        {"texts of the command line end at a TAB and have no line breaks", texts_of_words},
        {"lines of stdin end at a TAB, at CR LF and at the end of the file", texts_of_lines},
        {"a line is at most 65536 bytes and a longer one harms no other", long_lines},
        {"a wrong option is an error with status 2 that names it", options_refused},
    };
    return RUN_TESTS(tests);
}
