// SPDX-License-Identifier: MIT
// Command lines and lines of stdin: what is read from them, and what is wrong with them.
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

// ---- texts ------------------------------------------------------------------------------------------------

typedef struct {
    const char *text, *problem;
} Expected;

static const char *next_text(Texts *texts, const char **problem)
{
    const char *text;
    while (!(text = texts_next(texts, problem)) && !texts_ended(texts)) texts_wait();
    return text;
}

// The texts of words or, if n_words is 0, of stdin.
static void check_texts(const char *const *words, int n_words, const Expected *expected, int n)
{
    Texts texts = {.words = (char *const *)words, .n_words = n_words};
    const char *text, *problem;
    for (int i = 0; i < n; i++) {
        text = next_text(&texts, &problem);
        CHECK(text, "text %d of %d is missing", i + 1, n);
        if (!text) break;
        CHECK(!strcmp(text, expected[i].problem ? "" : expected[i].text), "text %d: \"%.60s\"", i + 1, text);
        CHECK(!problem == !expected[i].problem && (!problem || strstr(problem, expected[i].problem)),
              "text %d: %s", i + 1, problem ? problem : "no problem");
        CHECK(texts.number == i + 1 && !strcmp(texts.kind, n_words ? "text" : "line"), "%s %d", texts.kind,
              texts.number);
    }
    text = next_text(&texts, &problem);
    CHECK(!text, "one more: \"%.60s\"", text);
    CHECK(!next_text(&texts, &problem), "the end stays the end");
    texts_free(&texts);
}

static void check_lines(const char *path, const void *bytes, size_t n_bytes, const Expected *expected, int n)
{
    file_make(path, bytes, n_bytes);
    CHECK(freopen(path, "rb", stdin), "stdin from a file");
    check_texts(NULL, 0, expected, n);
}

#ifdef HAVE_POLL
// A file's lines are counted from where it is, and are all read after that.
static void lines_counted(void)
{
    static const struct {
        const char *input;
        int skipped, n;
    } cases[] = {{"", 0, 0},     {"one", 0, 1},        {"one\n", 0, 1},      {"one\ntwo\tT", 0, 2},
                 {"\n\n", 0, 2}, {"one\ntwo\n", 4, 1}, {"one\ntwo\n", 8, 0}, {"one\r\n\r\n", 0, 2}};
    const char *path = TEST_DIR "/cli-count.txt", *problem;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Texts texts = {.number = 0};
        int n = 0;
        text_make(path, cases[i].input);
        CHECK(freopen(path, "rb", stdin), "stdin from a file");
        lseek(0, cases[i].skipped, SEEK_SET);
        CHECK(texts_count(&texts) == cases[i].n, "case %zu: %ld lines", i, texts_count(&texts));
        while (next_text(&texts, &problem)) n++;
        CHECK(n == cases[i].n, "case %zu: %d lines are read", i, n);
        texts_free(&texts);
    }
    Bytes large = {0}; // more than is read at a time
    for (int i = 0; i < 40000; i++) bytes_print(&large, "%d\n", i);
    file_make(path, large.bytes, large.n);
    CHECK(freopen(path, "rb", stdin), "stdin from a file");
    CHECK(texts_count(&(Texts){.number = 0}) == 40000, "%ld lines", texts_count(&(Texts){.number = 0}));
    bytes_free(&large);
    CHECK(texts_count(&(Texts){.n_words = 3}) == 3, "the texts of a command line");
}
#else
static void lines_counted(void) { CHECK(!texts_count(&(Texts){.number = 0}), "it is not known"); }
#endif

// However fast a long line comes, a call returns before its end, for whoever asks has other things to do.
static void endless_line(void)
{
    const Expected expected[] = {{.text = NULL, "longer than 65536 bytes"}, {.text = "b", NULL}};
    const char *path = TEST_DIR "/cli-endless.txt", *problem;
    Bytes line = {0};
    bytes_print(&line, "%0*d\nb\n", 20 * MAX_TEXT, 0);
    check_lines(path, line.bytes, line.n, expected, 2);
    CHECK(freopen(path, "rb", stdin), "stdin from a file");
    Texts texts = {.number = 0};
    int n_calls = 1;
    while (!texts_next(&texts, &problem) && !texts_ended(&texts)) n_calls++;
    CHECK(n_calls > 10, "its end was found in call %d", n_calls);
    texts_free(&texts);
    bytes_free(&line);
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
    // A byte order mark is no text, at the beginning; behind it begins the line.
    static const char marked[] = "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n";
    check_lines(TEST_DIR "/cli-lines.txt", marked, sizeof marked - 1,
                (Expected[2]){{.text = "one", NULL}, {.text = "\xEF\xBB\xBFtwo", NULL}}, 2);
    check_lines(TEST_DIR "/cli-lines.txt", marked, 3, NULL, 0); // an empty file
    check_lines(TEST_DIR "/cli-lines.txt", marked, 2, &(Expected){.text = NULL, "not valid UTF-8"}, 1);
    printf("%d lines in 8 files\n", n + 8);
}

// Lines around the limit, each followed by one that must be read all the same.
static void long_lines(void)
{
    static const char *const ends[] = {"\n", "\r\n"};
    Bytes line = {0};
    bytes_print(&line, "%0*d", 2 * MAX_TEXT, 0);
    for (int end = 0; end < 2; end++)
        for (int n = MAX_TEXT - 1; n <= MAX_TEXT + 3; n++) {
            Bytes input = {0}, text = {0};
            bytes_add(&text, line.bytes, (size_t)n);
            bytes_print(&input, "%s%sb%s", text.bytes, ends[end], ends[end]);
            const Expected expected[] = {
                {.text = text.bytes, n > MAX_TEXT ? "longer than 65536 bytes" : NULL}, {.text = "b", NULL}};
            check_lines(TEST_DIR "/cli-long.txt", input.bytes, input.n, expected, 2);
            check_texts((const char *const[]){text.bytes, "b"}, 2, expected, 2);
            bytes_free(&input);
            bytes_free(&text);
        }
    Bytes marked = {0}; // nor does a byte order mark count
    bytes_print(&marked, "\xEF\xBB\xBF%0*d\r\n", MAX_TEXT, 0);
    Bytes longest = {0};
    bytes_add(&longest, line.bytes, MAX_TEXT);
    check_lines(TEST_DIR "/cli-long.txt", marked.bytes, marked.n, &(Expected){.text = longest.bytes, NULL},
                1);
    bytes_free(&marked);
    bytes_free(&longest);
    Bytes rest = {0}; // only the text has a limit, not what stands behind its TAB
    bytes_print(&rest, "a\t%s\nb\n", line.bytes);
    const Expected short_texts[] = {{.text = "a", NULL}, {.text = "b", NULL}};
    check_lines(TEST_DIR "/cli-long.txt", rest.bytes, rest.n, short_texts, 2);
    bytes_free(&rest);
    const Expected too_long = {.text = NULL, "longer than 65536 bytes"};
    check_lines(TEST_DIR "/cli-long.txt", line.bytes, line.n, &too_long, 1); // and no line end
    bytes_free(&line);
    printf("10 lengths around %d\n", MAX_TEXT);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"options are read wherever they stand", options_read},
        {"--help ends the command line with status 0", help},
        {"the lines of a file are counted and none is lost", lines_counted},
        {"texts of the command line end at a TAB and have no line breaks", texts_of_words},
        {"lines of stdin end at a TAB, at CR LF and at the end of the file", texts_of_lines},
        {"a line is at most 65536 bytes and a longer one harms no other", long_lines},
        {"an endless line does not keep anybody who asks for texts", endless_line},
        {"a wrong option is an error with status 2 that names it", options_refused},
    };
    return RUN_TESTS(tests);
}
