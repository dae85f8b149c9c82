// SPDX-License-Identifier: MIT
// The JSON reader: what it accepts and as what, what it refuses and with which message.
#include "check.h"
#include "model/json.h"
#include "model/settings.h"
#include "text/utf8.h"
#include "made_files.h"
#include <limits.h>

typedef struct {
    Arena arena;
    Error error;
    const Json *value; // NULL if it was refused
} Parsed;

// Parses a copy of exactly this size, so that the sanitizers notice a reader that goes too far.
static Parsed parse_bytes(const char *text, size_t length)
{
    Parsed p = {0};
    char *copy = memory_resize(NULL, length + !length, 1);
    memcpy(copy, text, length);
    p.value = json_parse(&p.arena, copy, length, "a.json", &p.error);
    memory_resize(copy, 0, 0);
    CHECK(!p.value == p.error.set, "%s: a value or an error", text);
    return p;
}

static Parsed parse(const char *text) { return parse_bytes(text, strlen(text)); }

static void check_refused(const char *text, size_t length, const char *message)
{
    Parsed p = parse_bytes(text, length);
    CHECK(p.error.set && strstr(p.error.message, message),
          "%.60s: expected an error with \"%s\", found \"%s\"", text, message, p.error.message);
    CHECK(!strchr(p.error.message, '\n') && !strncmp(p.error.message, "a.json:", 7), "\"%s\"",
          p.error.message);
    arena_free(&p.arena);
}

typedef struct {
    const char *text, *result; // the decoded string, or a part of the message
} Case;

// ---- values -----------------------------------------------------------------------------------------------

static void kinds_of_values(void)
{
    static const struct {
        const char *text;
        JsonKind kind;
        int count;
    } cases[] = {
        {.text = "null", JSON_NULL, 0},     {.text = "true", JSON_TRUE, 0},
        {.text = " false ", JSON_FALSE, 0}, {.text = "\r\n\t 12 ", JSON_NUMBER, 0},
        {.text = "\"\"", JSON_STRING, 0},   {.text = "[]", JSON_ARRAY, 0},
        {.text = "[ ]", JSON_ARRAY, 0},     {.text = "[1,[2,3],4]", JSON_ARRAY, 3},
        {.text = "{}", JSON_OBJECT, 0},     {.text = "{\"a\":{\"b\":1},\"\":2}", JSON_OBJECT, 2},
        {.text = "[{}]", JSON_ARRAY, 1},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        Parsed p = parse(cases[i].text);
        int elements = 0;
        for (const Json *item = p.value ? p.value->first : NULL; item; item = item->next) elements++;
        CHECK(p.value && p.value->kind == cases[i].kind && p.value->count == cases[i].count &&
                  elements == cases[i].count,
              "%s: %s", cases[i].text, p.error.message);
        arena_free(&p.arena);
    }
    printf("%d values\n", n);
}

static void members_in_order(void)
{
    Parsed p = parse("{\"z\": 1,\n \"a\": [true, null],\n\n \"m\": {\"z\": \"deep\"}, \"\": 0}");
    static const char *const order[] = {"z", "a", "m", ""};
    int i = 0;
    for (const Json *member = p.value->first; member; member = member->next, i++)
        CHECK(!strcmp(member->key, order[i]) && json_get(p.value, order[i]) == member, "%s", member->key);
    CHECK(i == 4, "%d members", i);
    const Json *m = json_get(p.value, "m"), *a = json_get(p.value, "a");
    CHECK(m->line == 4 && a->line == 2 && a->first->next->line == 2, "lines %d, %d", m->line, a->line);
    CHECK(!strcmp(json_get(m, "z")->text, "deep"), "%s", json_get(m, "z")->text);
    CHECK(!json_get(p.value, "b") && !json_get(a, "z") && !json_get(NULL, "z"), "what is not there");
    arena_free(&p.arena);
}

// ---- strings ----------------------------------------------------------------------------------------------

static void strings_decoded(void)
{
    static const Case cases[] = {
        {.text = "\"abc\"", "abc"},
        {.text = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {.text = "\"\\u0041\\u00e9\\u00E9\\u20ac\"", "A\xC3\xA9\xC3\xA9\xE2\x82\xAC"},
        {.text = "\"\\u0001\\u001f\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
         "\x01\x1F\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"},
        {.text = "\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"}, // U+1F600
        {.text = "\"\\ud800\\udc00 \\udbff\\udfff\"", "\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"},
        {.text = "\"\xC3\xA9\xF0\x9F\x98\x80\x7F\"", "\xC3\xA9\xF0\x9F\x98\x80\x7F"},
        {.text = "\"\\\\u0041\"", "\\u0041"},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        Parsed p = parse(cases[i].text);
        CHECK(p.value && !strcmp(p.value->text, cases[i].result), "%s: %s", cases[i].text,
              p.value ? p.value->text : p.error.message);
        arena_free(&p.arena);
    }
    printf("%d strings\n", n);
}

static void bad_strings(void)
{
    static const Case cases[] = {
        {.text = "\"\\ud83d\"", "lone surrogate"},
        {.text = "\"\\ud83dx\"", "lone surrogate"},
        {.text = "\"\\ud83d\\n\"", "lone surrogate"},
        {.text = "\"\\ud83d\\u0041\"", "lone surrogate"},
        {.text = "\"\\ud83d\\ud83d\"", "lone surrogate"},
        {.text = "\"\\ude00\"", "lone surrogate"},
        {.text = "\"\\ude00\\ud83d\"", "lone surrogate"},
        {.text = "\"\\u0000\"", "\\u0000"},
        {.text = "\"\\u12g4\"", "hexadecimal"},
        {.text = "\"\\u123\"", "hexadecimal"},
        {.text = "\"\\ud83d\\u12\"", "hexadecimal"},
        {.text = "\"\\x41\"", "escape"},
        {.text = "\"\\U0041\"", "escape"},
        {.text = "\"a\nb\"", "control character"},
        {.text = "\"a\tb\"", "control character"},
        {.text = "\"\x1F\"", "control character"},
        {.text = "\"abc", "the end of a string"},
        {.text = "\"abc\\\"", "the end of a string"},
        {.text = "'abc'", "a JSON value"},
        {.text = "{\"a\x01\": 1}", "control character"},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) check_refused(cases[i].text, strlen(cases[i].text), cases[i].result);
    check_refused("\"a\0b\"", 5, "control character");
    check_refused("\"\\\0\"", 4, "escape");
    printf("%d strings\n", n + 2);
}

static void utf8_checked(void)
{
    static const char *const wrong[] = {"\x80",
                                        "\xC3",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xE0\x9F\xBF",
                                        "\xED\xA0\x80",
                                        "\xED\xBF\xBF",
                                        "\xE2\x82",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFE",
                                        "\xFF",
                                        "\xC3\x28",
                                        "\xF0\x9F\x98"};
    static const char *const right[] = {"",
                                        "a",
                                        "\x7F",
                                        "\xC2\x80",
                                        "\xDF\xBF",
                                        "\xE0\xA0\x80",
                                        "\xED\x9F\xBF",
                                        "\xEE\x80\x80",
                                        "\xEF\xBF\xBF",
                                        "\xF0\x90\x80\x80",
                                        "\xF4\x8F\xBF\xBF"};
    const int n_wrong = sizeof wrong / sizeof *wrong, n_right = sizeof right / sizeof *right;
    char text[16];
    for (int i = 0; i < n_wrong; i++) {
        snprintf(text, sizeof text, "\"%s\"", wrong[i]);
        check_refused(text, strlen(text), "not valid UTF-8");
    }
    for (int i = 0; i < n_right; i++)
        CHECK(utf8_valid(right[i], strlen(right[i])) &&
                  utf8_length(right[i]) == (int)strlen(right[i]) + !*right[i],
              "code %d", i);
    // All code points there and back.
    for (uint32_t c = 1; c < 0x110000; c++) {
        const int n = utf8_encode(text, c);
        const bool surrogate = c >= 0xD800 && c < 0xE000;
        CHECK(utf8_valid(text, n) == !surrogate && utf8_length(text) == n, "U+%04lX", (unsigned long)c);
        CHECK(n == 1 || !utf8_valid(text, n - 1), "U+%04lX cut", (unsigned long)c);
    }
    printf("%d sequences, all code points\n", n_wrong + n_right);
}

// ---- numbers ----------------------------------------------------------------------------------------------

static void numbers_by_kind(void)
{
    static const struct {
        const char *text;
        bool is_uint64, is_int, is_double;
        double value;
    } cases[] = {
        {.text = "0", true, true, true, 0},
        {.text = "-0", false, true, true, 0},
        {.text = "-1", false, true, true, -1},
        {.text = "2147483647", true, true, true, 2147483647},
        {.text = "2147483648", true, false, true, 2147483648},
        {.text = "-2147483648", false, true, true, -2147483648.0},
        {.text = "-2147483649", false, false, true, -2147483649.0},
        {.text = "9007199254740993", true, false, true, 9007199254740992.0},
        {.text = "18446744073709551615", true, false, true, 18446744073709551616.0},
        {.text = "18446744073709551616", false, false, true, 18446744073709551616.0},
        {.text = "99999999999999999999999999", false, false, true, 1e26},
        {.text = "1.0", false, false, true, 1},
        {.text = "1e2", false, false, true, 100},
        {.text = "1E+2", false, false, true, 100},
        {.text = "-1.25e-2", false, false, true, -0.0125},
        {.text = "0.1", false, false, true, 0.1},
        {.text = "0e0", false, false, true, 0},
        {.text = "1e308", false, false, true, 1e308},
        {.text = "1e309", false, false, false, 0},
        {.text = "-1e9999", false, false, false, 0},
        {.text = "1e-9999", false, false, true, 0},
        {.text = "\"1\"", false, false, false, 0},
        {.text = "true", false, false, false, 0},
        {.text = "null", false, false, false, 0},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        Parsed p = parse(cases[i].text);
        uint64_t whole = 1;
        int small = 1;
        double real = 1;
        CHECK(json_uint64(p.value, &whole) == cases[i].is_uint64, "%s", cases[i].text);
        CHECK(json_int(p.value, &small) == cases[i].is_int, "%s", cases[i].text);
        CHECK(json_double(p.value, &real) == cases[i].is_double, "%s", cases[i].text);
        if (cases[i].is_int) CHECK(small == (int)cases[i].value, "%s: %d", cases[i].text, small);
        if (cases[i].is_double)
            CHECK(real <= cases[i].value && real >= cases[i].value, "%s: %.17g", cases[i].text, real);
        if (cases[i].is_uint64) {
            char digits[32];
            snprintf(digits, sizeof digits, "%llu", (unsigned long long)whole);
            CHECK(!strcmp(digits, cases[i].text), "%s: %s", cases[i].text, digits);
        }
        arena_free(&p.arena);
    }
    int nothing;
    CHECK(!json_int(NULL, &nothing) && !json_uint64(NULL, &(uint64_t){0}) && !json_double(NULL, &(double){0}),
          "NULL");
    printf("%d numbers\n", n);
}

static void numbers_refused(void)
{
    static const Case cases[] = {
        {.text = "01", "no digit after a leading zero, found '1'"},
        {.text = "-00", "no digit after a leading zero, found '0'"},
        {.text = "[007]", "no digit after a leading zero, found '0'"},
        {.text = "-", "a digit, found the end of the text"},
        {.text = "-x", "a digit, found 'x'"},
        {.text = "+1", "a JSON value, found '+'"},
        {.text = ".5", "a JSON value, found '.'"},
        {.text = "1.", "a digit after the decimal point"},
        {.text = "1.e5", "a digit after the decimal point, found 'e'"},
        {.text = "1e", "a digit in the exponent"},
        {.text = "1e+", "a digit in the exponent"},
        {.text = "0x10", "found 'x'"},
        {.text = "1 2", "after one JSON value, found '2'"},
        {.text = "NaN", "a JSON value, found 'N'"},
        {.text = "Infinity", "a JSON value, found 'I'"},
        {.text = "-Infinity", "a digit, found 'I'"},
        {.text = "nan", "a JSON value"},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) check_refused(cases[i].text, strlen(cases[i].text), cases[i].result);
    printf("%d numbers\n", n);
}

// ---- structure --------------------------------------------------------------------------------------------

static void structure_refused(void)
{
    static const Case cases[] = {
        {.text = "", "a JSON value, found the end of the text"},
        {.text = " \n ", "a.json:2: expected a JSON value, found the end of the text"},
        {.text = "{} {}", "after one JSON value, found '{'"},
        {.text = "{}\n\n,", "a.json:3: expected the end of the file after one JSON value, found ','"},
        {.text = "[1,]", "a JSON value, found ']'"},
        {.text = "[,1]", "a JSON value, found ','"},
        {.text = "[1 2]", "',' or ']', found '2'"},
        {.text = "[1}", "',' or ']', found '}'"},
        {.text = "{\"a\":1,}", "a string, found '}'"},
        {.text = "{\"a\" 1}", "':', found '1'"},
        {.text = "{\"a\":}", "a JSON value, found '}'"},
        {.text = "{\"a\":1 \"b\":2}", "',' or '}', found '\"'"},
        {.text = "{a:1}", "a string, found 'a'"},
        {.text = "{1:1}", "a string, found '1'"},
        {.text = "{null:1}", "a string, found 'n'"},
        {.text = "tru", "a JSON value"},
        {.text = "True", "a JSON value"},
        {.text = "truefalse", "after one JSON value, found 'f'"},
        {.text = "nul\x01", "a JSON value, found"},
        {.text = "// comment\n1", "a JSON value, found '/'"},
        {.text = "[1, /* */ 2]", "a JSON value, found '/'"},
        {.text = "\xEF\xBB\xBF{}", "a JSON value, found byte ef"}, // a byte order mark
        {.text = "\x0C{}", "a JSON value, found byte 0c"},         // form feed is no white space here
        {.text = "{\"a\": 1,\n\"b\": 2,\n\"a\": 1}", "a.json:3: the key \"a\" occurs twice"},
        {.text = "{\"a\": 1, \"\\u0061\": 2}", "the key \"a\" occurs twice"},
        {.text = "[{\"x\": {\"\": 1, \"\": 1}}]", "the key \"\" occurs twice"},
        // a message stays on one line
        {.text = "{\"a\\nb\": 1, \"a\\nb\": 1}", "the key \"a?b\" occurs twice"},
        {.text = "{\n\"a\": [\n1,\n2\n3]}", "a.json:5: expected ',' or ']', found '3'"},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) check_refused(cases[i].text, strlen(cases[i].text), cases[i].result);
    check_refused("1\0", 2, "after one JSON value, found byte 00");
    check_refused("\0", 1, "a JSON value, found byte 00");
    printf("%d texts\n", n + 2);
}

static void nesting(void)
{
    for (int depth = 127; depth <= 129; depth++) {
        Bytes text = {0};
        for (int i = 0; i < depth; i++) bytes_print(&text, i % 2 ? "{\"a\":" : "[");
        bytes_print(&text, "1");
        for (int i = depth; i-- > 0;) bytes_print(&text, i % 2 ? "}" : "]");
        if (depth > 128) check_refused(text.bytes, text.n, "nested deeper than 128");
        else {
            Parsed p = parse(text.bytes);
            CHECK(p.value, "%d deep: %s", depth, p.error.message);
            arena_free(&p.arena);
        }
        bytes_free(&text);
    }
    Bytes deep = {0}, flat = {0};
    for (int i = 0; i < 100000; i++) bytes_print(&deep, "[");
    check_refused(deep.bytes, deep.n, "nested deeper than 128");
    bytes_print(&flat, "[");
    for (int i = 0; i < 1000; i++) bytes_print(&flat, "[[]],"); // one after the other is not deep
    bytes_print(&flat, "0]");
    Parsed p = parse(flat.bytes);
    CHECK(p.value && p.value->count == 1001, "%s", p.error.message);
    arena_free(&p.arena);
    bytes_free(&deep);
    bytes_free(&flat);
}

static void truncated(void)
{
    static const char sample[] = "{\"k\\u00e9y\\ud83d\\ude00\": [-12.5e+3, true, false, null, {\"b\": \"\\\\ "
                                 "\\n\xC3\xA9\"}], \"z\": {}}";
    for (size_t n = 0; n < sizeof sample - 1; n++) check_refused(sample, n, "");
    Parsed p = parse(sample);
    CHECK(p.value, "%s", p.error.message);
    arena_free(&p.arena);
    printf("%zu prefixes\n", sizeof sample - 1);
}

// ---- files, errors, settings ------------------------------------------------------------------------------

static void files_read(void)
{
    static const char path[] = TEST_DIR "/json-files.json", array[] = TEST_DIR "/json-array.json";
    Arena arena = {0};
    Bytes text = {0};
    bytes_print(&text, "[");
    // longer than the pieces in which a file is read
    while (text.n < 3 << 16) bytes_print(&text, "%zu, ", text.n);
    bytes_print(&text, "0]");
    text_make(path, text.bytes);
    Error error = {0};
    const Json *value = json_read(&arena, path, &error);
    CHECK(value && value->count > 20000, "%s", error.message);
    bytes_free(&text);

    text_make(array, "[1]");
    settings_read(&arena, array, &error);
    CHECK(strstr(error.message, "json-array.json: expected an object, found an array"), "%s", error.message);
    error = (Error){0};
    CHECK(!json_read(&arena, TEST_DIR "/there-is-none.json", &error) &&
              strstr(error.message, "there-is-none.json: cannot open: "),
          "%s", error.message);
    CHECK(!json_read(&arena, path, &error) && strstr(error.message, "there-is-none"),
          "the first message stays: %s", error.message);
    error = (Error){0};
    CHECK(!json_read(&arena, TEST_DIR, &error) && strstr(error.message, "cannot"), "a directory: %s",
          error.message);
    arena_free(&arena);
}

// What Python writes: numbers that are none, keys that occur twice, a byte order mark.
static void files_of_python(void)
{
    static const char path[] = TEST_DIR "/json-python.json";
    Arena arena = {0};
    Error error = {0};
    int number = 7;
    double real;
    text_make(path, "\xEF\xBB\xBF{\"a\": 1, \"b\": NaN, \"a\": [2],\n"
                    "\"c\": [Infinity, -Infinity, -1], \"\\u0061\": 3, \"b\": {\"a\": 4}, \"a\": 5}");
    const Json *root = json_read(&arena, path, &error), *c = json_get(root, "c");
    CHECK(root && root->count == 3, "%d members: %s", root ? root->count : 0, error.message);
    if (!root) return;
    const Json *first = root->first, *second = first->next, *third = second->next;
    CHECK(first == c && !strcmp(second->key, "b") && !strcmp(third->key, "a") && !third->next,
          "each key is where it occurs last");
    CHECK(json_int(third, &number) && number == 5 && json_get(root, "a") == third, "a: %d", number);
    CHECK(json_int(json_get(json_get(root, "b"), "a"), &number) && number == 4, "b: %d", number);
    for (const Json *item = c->first; item->next; item = item->next)
        CHECK(item->kind == JSON_NUMBER && !json_int(item, &number) && !json_double(item, &real) &&
                  !json_uint64(item, &(uint64_t){0}),
              "%s", item->text);
    CHECK(c->count == 3 && !strcmp(c->first->next->text, "-Infinity") && c->line == 2, "%s", c->first->text);

    static const char *const refused[] = {
        "-Inf", "Inf", "nan", "-NaN", "{\"a\": 1, \"a\": }", "\xEF\xBB[1]", "1 \xEF\xBB\xBF"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        error = (Error){0};
        text_make(path, refused[i]);
        CHECK(!json_read(&arena, path, &error) && error.set, "%s", refused[i]);
    }
    Bytes text = {0};
    bytes_print(&text, "{\"b\": 0");
    for (int i = 0; i < 50000; i++) bytes_print(&text, ", \"%s\": %d", i % 3 ? "a" : "c", i);
    bytes_print(&text, "}");
    text_make(path, text.bytes);
    error = (Error){0};
    root = json_read(&arena, path, &error);
    CHECK(json_int(json_get(root, "a"), &number) && number == 49999 && root->count == 3, "%d", number);
    bytes_free(&text);
    arena_free(&arena);
}

static void messages_on_one_line(void)
{
    Error error = {0};
    char longer[2000], found[80];
    CHECK(!fail(&error, "a\tb\nc \x1B[0m %s", "\xC3\xA9\x7F") && error.set, "fail() returns false");
    CHECK(!strcmp(error.message, "a?b?c ?[0m \xC3\xA9?"), "%s", error.message);
    fail(&error, "second");
    CHECK(error.message[0] == 'a', "%s", error.message);
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = 0;
    error = (Error){0};
    fail(&error, "%s", longer);
    CHECK(strlen(error.message) == sizeof error.message - 1, "%zu", strlen(error.message));
    const Json text = {.kind = JSON_STRING, .text = longer}, number = {.kind = JSON_NUMBER, .text = longer},
               list = {.kind = JSON_ARRAY};
    CHECK(strlen(json_describe(&text, found)) == 62 && strlen(json_describe(&number, found)) == 60, "%s",
          found);
    CHECK(!strcmp(json_describe(&list, found), "an array") && !strcmp(json_describe(NULL, found), "nothing"),
          "%s", found);
}

// The ways to read a setting. Below, a row for each text: how it is read, and the message.
static void read_int(const Settings *s) { setting_int(s, "k", 1, 9); }
static void read_two_names(const Settings *s) { setting_int(s, "j|k", 1, 9); }
static void read_int_or(const Settings *s) { setting_int_or(s, "k", 100, 1, 9); }
static void read_real(const Settings *s) { setting_real_or(s, "k", 2); }
static void read_bool(const Settings *s) { setting_bool(s, "k"); }
static void read_text(const Settings *s) { setting_text(s, "k"); }
static void read_false(const Settings *s) { setting_expect(s, "k", false); }
static void read_ids(const Settings *s)
{
    Arena arena = {0};
    setting_ids(s, "k", &arena);
    arena_free(&arena);
}

static void settings_checked(void)
{
    static const struct {
        const char *text;
        void (*read)(const Settings *s);
        const char *message; // NULL: accepted
    } cases[] = {
        {.text = "{\"k\": 1}", read_int, NULL},
        {.text = "{\"k\": 9}", read_int, NULL},
        {.text = "{}", read_int, "a.json: key \"k\": expected a whole number from 1 to 9, but it is missing"},
        {.text = "{\"k\": null}", read_int, "but it is missing"},
        {.text = "{\"j\": 0,\n\"k\": 10}",
         read_int,
         "a.json:2: key \"k\": expected a whole number from 1 to 9, found 10"},
        {.text = "{\"k\": 0}", read_int, "found 0"},
        {.text = "{\"k\": -1}", read_int, "found -1"},
        {.text = "{\"k\": 1.0}", read_int, "found 1.0"},
        {.text = "{\"k\": 99999999999}", read_int, "found 99999999999"},
        {.text = "{\"k\": \"1\"}", read_int, "found \"1\""},
        {.text = "{\"k\": [1]}", read_int, "found an array"},
        {.text = "{}", read_int_or, NULL},
        {.text = "{\"k\": null}", read_int_or, NULL},
        {.text = "{\"k\": 100}", read_int_or, "found 100"},
        {.text = "{\"j\": 1}", read_two_names, NULL},
        {.text = "{\"k\": 1}", read_two_names, NULL},
        {.text = "{\"k\": 10, \"j\": 1}", read_two_names, NULL}, // the first name counts
        {.text = "{\"k\": 1, \"j\": 10}", read_two_names, "key \"j\": expected a whole number from 1 to 9"},
        {.text = "{\"k\": 10, \"j\": null}",
         read_two_names,
         "key \"k\": expected a whole number from 1 to 9"},
        {.text = "{\"j|k\": 1}", read_two_names, "key \"k\": expected a whole number from 1 to 9, but it is"},
        {.text = "{\"k\": 1e-5}", read_real, NULL},
        {.text = "{\"k\": 3}", read_real, NULL},
        {.text = "{}", read_real, NULL},
        {.text = "{\"k\": 1e39}", read_real, "expected a number, found 1e39"},
        {.text = "{\"k\": 1e999}", read_real, "expected a number, found 1e999"},
        {.text = "{\"k\": \"1\"}", read_real, "expected a number, found \"1\""},
        {.text = "{\"k\": true}", read_bool, NULL},
        {.text = "{\"k\": 1}", read_bool, "expected true or false, found 1"},
        {.text = "{}", read_bool, "expected true or false, but it is missing"},
        {.text = "{\"k\": \"\"}", read_text, NULL},
        {.text = "{\"k\": {}}", read_text, "expected a string, found an object"},
        {.text = "{\"k\": false}", read_false, NULL},
        {.text = "{}", read_false, NULL},
        {.text = "{\"k\": true}", read_false, "expected false (nothing else is supported), found true"},
        {.text = "{\"k\": 0}", read_false, "expected false"},
        {.text = "{\"k\": 8}", read_ids, NULL},
        {.text = "{\"k\": [8, 0]}", read_ids, NULL},
        {.text = "{\"k\": []}", read_ids, NULL},
        {.text = "{\"k\": [-1, 99999999999]}", read_ids, NULL},
        {.text = "{\"k\": [0, 1.5]}", read_ids, "expected a token id, or an array of them, found 1.5"},
        {.text = "{\"k\": [[1]]}", read_ids, "found an array"},
        {.text = "{\"k\": \"1\"}", read_ids, "found \"1\""},
        {.text = "{\"k\": {}}", read_ids, "found an object"},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        Parsed p = parse(cases[i].text);
        const Settings s = {p.value, "a.json", &p.error};
        cases[i].read(&s);
        CHECK(cases[i].message ? strstr(p.error.message, cases[i].message) != NULL : !p.error.set,
              "%s: found \"%s\"", cases[i].text, p.error.message);
        arena_free(&p.arena);
    }
    printf("%d settings\n", n);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"JSON values have their kind and number of elements", kinds_of_values},
        {"JSON members keep their order and line and are found by key", members_in_order},
        {"JSON strings are decoded with escapes and surrogate pairs", strings_decoded},
        {"JSON strings with lone surrogates, control characters or wrong escapes are refused", bad_strings},
        {"UTF-8 is checked for overlong forms, surrogates and the end of Unicode", utf8_checked},
        {"JSON numbers are read as uint64, int or double, and refused out of range", numbers_by_kind},
        {"JSON numbers with leading zeros or missing digits are refused", numbers_refused},
        {"JSON errors name what was expected, what was found and the line", structure_refused},
        {"JSON may be nested 128 deep but not 129", nesting},
        {"JSON that is cut off after any byte is an error", truncated},
        {"JSON files are read whole, and a missing one is an error", files_read},
        {"JSON files may be as Python writes them: NaN, keys that occur twice, a byte order mark",
         files_of_python},
        {"error messages are one line and the first one stays", messages_on_one_line},
        {"settings of the wrong type or out of range are refused by name", settings_checked},
    };
    return RUN_TESTS(tests);
}
