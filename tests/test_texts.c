// SPDX-License-Identifier: MIT
// Texts of a command line and lines of stdin: what is read, and what is wrong with them.
#include "check.h"
#include "made_files.h"
#include "texts.h"
#ifdef HAVE_POLL
#include <unistd.h>
#endif

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
    const char *path = TEST_DIR "/texts-count.txt", *problem;
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
    const char *path = TEST_DIR "/texts-endless.txt", *problem;
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
    check_lines(TEST_DIR "/texts-lines.txt", input, sizeof input - 1, expected, n);
    check_lines(TEST_DIR "/texts-lines.txt", "", 0, NULL, 0);
    check_lines(TEST_DIR "/texts-lines.txt", "\n", 1, &(Expected){.text = "", NULL}, 1);
    check_lines(TEST_DIR "/texts-lines.txt", "a\n\r", 3,
                (Expected[2]){{.text = "a", NULL}, {.text = "", NULL}}, 2);
    check_lines(TEST_DIR "/texts-lines.txt", "a\r", 2, &(Expected){.text = "a", NULL}, 1);
    // A byte order mark is no text, at the beginning; behind it begins the line.
    static const char marked[] = "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n";
    check_lines(TEST_DIR "/texts-lines.txt", marked, sizeof marked - 1,
                (Expected[2]){{.text = "one", NULL}, {.text = "\xEF\xBB\xBFtwo", NULL}}, 2);
    check_lines(TEST_DIR "/texts-lines.txt", marked, 3, NULL, 0); // an empty file
    check_lines(TEST_DIR "/texts-lines.txt", marked, 2, &(Expected){.text = NULL, "not valid UTF-8"}, 1);
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
            check_lines(TEST_DIR "/texts-long.txt", input.bytes, input.n, expected, 2);
            check_texts((const char *const[]){text.bytes, "b"}, 2, expected, 2);
            bytes_free(&input);
            bytes_free(&text);
        }
    Bytes marked = {0}; // nor does a byte order mark count
    bytes_print(&marked, "\xEF\xBB\xBF%0*d\r\n", MAX_TEXT, 0);
    Bytes longest = {0};
    bytes_add(&longest, line.bytes, MAX_TEXT);
    check_lines(TEST_DIR "/texts-long.txt", marked.bytes, marked.n, &(Expected){.text = longest.bytes, NULL},
                1);
    bytes_free(&marked);
    bytes_free(&longest);
    Bytes rest = {0}; // only the text has a limit, not what stands behind its TAB
    bytes_print(&rest, "a\t%s\nb\n", line.bytes);
    const Expected short_texts[] = {{.text = "a", NULL}, {.text = "b", NULL}};
    check_lines(TEST_DIR "/texts-long.txt", rest.bytes, rest.n, short_texts, 2);
    bytes_free(&rest);
    const Expected too_long = {.text = NULL, "longer than 65536 bytes"};
    check_lines(TEST_DIR "/texts-long.txt", line.bytes, line.n, &too_long, 1); // and no line end
    bytes_free(&line);
    printf("10 lengths around %d\n", MAX_TEXT);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"the lines of a file are counted and none is lost", lines_counted},
        {"texts of the command line end at a TAB and have no line breaks", texts_of_words},
        {"lines of stdin end at a TAB, at CR LF and at the end of the file", texts_of_lines},
        {"a line is at most 65536 bytes and a longer one harms no other", long_lines},
        {"an endless line does not keep anybody who asks for texts", endless_line},
    };
    return RUN_TESTS(tests);
}
