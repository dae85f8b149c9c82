// SPDX-License-Identifier: MIT
// The safetensors reader: for every rule of the format a file that keeps or breaks it, and what is read from
// it. ST-01 to ST-43 are numbers of cases, in the order of the reference implementation's checks. They stand
// in the names of cases or in comments; ST-39 and ST-40, types of tensors that a model reads or ignores, are
// in test_weights.c.
#include "check.h"
#include "model/checkpoint.h"
#include "made_files.h"
#include <math.h>

#define ENTRY(dtype, shape, offsets)                                                                         \
    "{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" offsets "]}"
#define ONE "{\"a\":" ENTRY("F32", "2", "0,8") "}"

typedef struct {
    const char *name;
    const char *header;
    size_t n_data;       // bytes behind it
    const char *message; // part of the error; NULL: accepted
    uint64_t n;          // if says_n: the length of the header as the file states it; else its length
    bool says_n;
    size_t n_tensors; // if accepted and not 1
} Case;

static void make_case(const Case *c, const char *path)
{
    Bytes file = {0};
    const uint64_t n = c->says_n ? c->n : strlen(c->header);
    for (int i = 0; i < 8; i++) bytes_add(&file, &(unsigned char){n >> 8 * i & 0xFF}, 1);
    bytes_add(&file, c->header, strlen(c->header));
    for (size_t i = 0; i < c->n_data; i++) bytes_add(&file, &(unsigned char){i & 0xFF}, 1);
    file_make(path, file.bytes, file.n);
    bytes_free(&file);
}

static void check_case(const Case *c, const char *path)
{
    Checkpoint file;
    Error error = {0};
    const bool accepted = checkpoint_open(&file, path, &error);
    if (c->message) {
        CHECK(!accepted && strstr(error.message, c->message),
              "%s: expected an error with \"%s\", found \"%s\"", c->name, c->message, error.message);
        CHECK(strstr(error.message, path) && !strchr(error.message, '\n'), "%s: %s", c->name, error.message);
    } else {
        const int n = c->n_tensors || !strchr(c->header, '[') ? (int)c->n_tensors : 1;
        CHECK(accepted, "%s: %s", c->name, error.message);
        CHECK(!accepted || file.n_tensors == n, "%s: %d tensors", c->name, file.n_tensors);
        for (int i = 0; accepted && i < file.n_tensors; i++)
            CHECK(checkpoint_find(&file, file.tensors[i].name) == &file.tensors[i], "%s: %s", c->name,
                  file.tensors[i].name);
    }
    if (accepted) checkpoint_close(&file);
    CHECK(!file.file && !file.tensors, "%s: closed", c->name);
}

static void check_one(const Case *c, const char *path)
{
    make_case(c, path);
    check_case(c, path);
}

static void check_cases(const Case *cases, int n, const char *path)
{
    int n_accepted = 0;
    for (int i = 0; i < n; i++) {
        check_one(&cases[i], path);
        n_accepted += !cases[i].message;
    }
    printf("%d files: %d accepted, %d refused\n", n, n_accepted, n - n_accepted);
}

#define CHECK_CASES(cases, path) check_cases(cases, sizeof cases / sizeof *cases, path)

// ---- the reference implementation's rules -----------------------------------------------------------------

static void rules_of_the_header(void)
{
    static const Case cases[] = {
        {.name = "ST-01 one tensor", .header = ONE, .n_data = 8},
        {.name = "ST-02 no tensor", .header = "{}"},
        {.name = "ST-03 white space before", .header = " \r\n\t" ONE, .n_data = 8},
        {.name = "ST-04 white space behind", .header = ONE "\r \t\n", .n_data = 8},
        {.name = "ST-05 n is 0", .header = "", .message = "a JSON value, found the end of the text"},
        {.name = "ST-05 n is 0, data behind",
         .header = "",
         .n_data = 8,
         .message = "a JSON value, found the end of the text"},
        {.name = "ST-06 n is 1", .header = "{", .message = "a string, found the end of the text"},
        {.name = "ST-07 n above the limit",
         .header = "{}",
         .message = "100000001 bytes is larger than the limit of 100000000",
         .n = 100000001,
         .says_n = true},
        {.name = "ST-07 n at the limit, and behind the file",
         .header = "{}",
         .message = "ends 99999998 bytes behind the file",
         .n = 100000000,
         .says_n = true},
        {.name = "ST-08 n is 2^64-1",
         .header = "{}",
         .message = "18446744073709551615 bytes is larger than the limit",
         .n = UINT64_MAX,
         .says_n = true},
        {.name = "ST-08 8 + n overflows 32 bit",
         .header = "{}",
         .message = "4294967290 bytes is larger",
         .n = 4294967290u,
         .says_n = true},
        {.name = "ST-10 n behind the end by one",
         .header = ONE,
         .message = "ends 1 bytes behind the file",
         .n = sizeof ONE,
         .says_n = true},
        {.name = "ST-10 n one too small",
         .header = ONE,
         .n_data = 8,
         .message = "found the end of the text",
         .n = sizeof ONE - 2,
         .says_n = true},
        {.name = "ST-11 byte FF",
         .header = "{\"\xFF\":" ENTRY("F32", "2", "0,8") "}",
         .n_data = 8,
         .message = "not valid UTF-8"},
        {.name = "ST-11 cut UTF-8", .header = ONE " \xC3", .n_data = 8, .message = "not valid UTF-8"},
        {.name = "two JSON values",
         .header = ONE "{}",
         .n_data = 8,
         .message = "the end of the file after one JSON value, found '{'"},
        {.name = "an array", .header = "[]", .message = "not a JSON object"},
        {.name = "a number", .header = "1", .message = "not a JSON object"},
        {.name = "null", .header = "null", .message = "not a JSON object"},
        {.name = "zeros behind", .header = "{}\1", .message = "after one JSON value"},
    };
    CHECK_CASES(cases, TEST_DIR "/checkpoint-header.safetensors");
}

static void too_short(void)
{
    static const char path[] = TEST_DIR "/checkpoint-short.safetensors";
    const unsigned char zeros[8] = {0};
    for (size_t n = 0; n <= 8; n++) { // ST-09
        Checkpoint file;
        Error error = {0};
        file_make(path, zeros, n);
        CHECK(!checkpoint_open(&file, path, &error), "%zu bytes", n);
        CHECK(strstr(error.message,
                     n < 8 ? "bytes are too few for a safetensors file" : "found the end of the text"),
              "%zu bytes: %s", n, error.message);
    }
    Checkpoint file;
    Error error = {0};
    CHECK(!checkpoint_open(&file, TEST_DIR "/there-is-none.safetensors", &error) &&
              strstr(error.message, "cannot open"),
          "%s", error.message);
    error = (Error){0};
    CHECK(!checkpoint_open(&file, TEST_DIR, &error) && strstr(error.message, "cannot"), "a directory: %s",
          error.message);
}

static void rules_of_the_layout(void)
{
    static const Case cases[] = {
        {.name = "ST-12 scalar", .header = "{\"a\":" ENTRY("F32", "", "0,4") "}", .n_data = 4},
        {.name = "ST-12 scalar of no bytes",
         .header = "{\"a\":" ENTRY("F32", "", "0,0") "}",
         .message = "tensor a: expected 4 bytes"},
        {.name = "ST-13 dimension 0", .header = "{\"a\":" ENTRY("F32", "3,0,2", "0,0") "}"},
        {.name = "ST-13 dimension 0 between others",
         .header = "{\"a\":" ENTRY("F32", "1", "0,4") ",\"z\":" ENTRY("U8", "0", "4,4") ",\"b\":" ENTRY(
             "U8", "2", "4,6") "}",
         .n_data = 6,
         .n_tensors = 3},
        {.name = "ST-14 hole",
         .header = "{\"a\":" ENTRY("F32", "2", "0,8") ",\"b\":" ENTRY("F32", "1", "12,16") "}",
         .n_data = 16,
         .message = "tensor b: data_offsets [12, 16]: expected to begin at 8"},
        {.name = "ST-15 overlap",
         .header = "{\"a\":" ENTRY("F32", "2", "0,8") ",\"b\":" ENTRY("F32", "2", "4,12") "}",
         .n_data = 12,
         .message = "tensor b: data_offsets [4, 12]: expected to begin at 8"},
        {.name = "ST-16 first offset not 0",
         .header = "{\"a\":" ENTRY("F32", "2", "4,12") "}",
         .n_data = 12,
         .message = "tensor a: data_offsets [4, 12]: expected to begin at 0"},
        {.name = "ST-17 begin behind end",
         .header = "{\"a\":" ENTRY("F32", "1", "8,4") "}",
         .n_data = 8,
         .message = "tensor a: data_offsets [8, 4]: the end lies before the begin"},
        {.name = "ST-17 begin behind end, and where it is expected",
         .header = "{\"a\":" ENTRY("U8", "8", "0,8") ",\"b\":" ENTRY("U8", "0", "8,0") "}",
         .n_data = 8,
         .message = "tensor b: data_offsets [8, 0]: the end lies before the begin"},
        {.name = "ST-18 end behind the file",
         .header = "{\"a\":" ENTRY("F32", "4", "0,16") "}",
         .n_data = 8,
         .message = "expected 16 bytes of data, found 8: the file is truncated"},
        {.name = "ST-18 end at 2^64-1",
         .header = "{\"a\":" ENTRY("U8", "18446744073709551615", "0,18446744073709551615") "}",
         .n_data = 8,
         .message = "tensor a: shape: the number of bits overflows"},
        {.name = "ST-18 end at 2^60",
         .header = "{\"a\":" ENTRY("U8", "1152921504606846976", "0,1152921504606846976") "}",
         .n_data = 8,
         .message = "the file is truncated"},
        {.name = "ST-19 too few bytes",
         .header = "{\"a\":" ENTRY("F32", "2", "0,4") "}",
         .n_data = 4,
         .message = "tensor a: expected 8 bytes for its shape, data_offsets span 4"},
        {.name = "ST-19 too many bytes",
         .header = "{\"a\":" ENTRY("F16", "2,2", "0,16") "}",
         .n_data = 16,
         .message = "tensor a: expected 8 bytes for its shape, data_offsets span 16"},
        {.name = "ST-20 a byte too many",
         .header = ONE,
         .n_data = 9,
         .message = "expected 8 bytes of data, found 9: the file is too long"},
        {.name = "ST-20 a byte behind no tensor",
         .header = "{}",
         .n_data = 1,
         .message = "the file is too long"},
        {.name = "ST-21 two bytes too few",
         .header = ONE,
         .n_data = 6,
         .message = "expected 8 bytes of data, found 6: the file is truncated"},
        {.name = "ST-22 elements overflow",
         .header = "{\"a\":" ENTRY("I32", "2,18446744073709551614", "0,8") "}",
         .n_data = 8,
         .message = "tensor a: shape: the number of elements overflows"},
        {.name = "ST-22 elements overflow, and then none",
         .header = "{\"a\":" ENTRY("I32", "1099511627776,1099511627776,0", "0,0") "}",
         .message = "tensor a: shape: the number of elements overflows"},
        {.name = "ST-22 none, and then many",
         .header = "{\"a\":" ENTRY("I32", "0,1099511627776,1099511627776", "0,0") "}"},
        {.name = "ST-23 bits overflow",
         .header = "{\"a\":" ENTRY("I32", "2,9223372036854775807", "0,8") "}",
         .n_data = 8,
         .message = "tensor a: shape: the number of bits overflows"},
        {.name = "ST-37 header in another order than the data",
         .header = "{\"b\":" ENTRY("F32", "1", "4,8") ",\"c\":" ENTRY("F32", "1", "8,12") ",\"a\":" ENTRY(
             "F32", "1", "0,4") "}",
         .n_data = 12,
         .n_tensors = 3},
    };
    CHECK_CASES(cases, TEST_DIR "/checkpoint-layout.safetensors");
}

static void rules_of_an_entry(void)
{
    static const Case cases[] = {
        {.name = "ST-25 unknown dtype",
         .header = "{\"a\":" ENTRY("F33", "2", "0,8") "}",
         .n_data = 8,
         .message = "tensor a: dtype: expected a type of the format, found \"F33\""},
        {.name = "ST-26 dtype in small letters",
         .header = "{\"a\":" ENTRY("f32", "2", "0,8") "}",
         .n_data = 8,
         .message = "tensor a: dtype: expected a type of the format, found \"f32\""},
        {.name = "dtype is a number",
         .header = "{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}",
         .n_data = 8,
         .message = "tensor a: dtype: expected a type of the format, found 32"},
        {.name = "ST-27 shape [-1]",
         .header = "{\"a\":" ENTRY("F32", "-1", "0,8") "}",
         .n_data = 8,
         .message = "tensor a: shape: expected whole numbers, found -1"},
        {.name = "ST-28 shape [1.0]",
         .header = "{\"a\":" ENTRY("F32", "1.0", "0,4") "}",
         .n_data = 4,
         .message = "tensor a: shape: expected whole numbers, found 1.0"},
        {.name = "ST-29 shape [1e2]",
         .header = "{\"a\":" ENTRY("F32", "1e2", "0,400") "}",
         .n_data = 400,
         .message = "tensor a: shape: expected whole numbers, found 1e2"},
        {.name = "shape [2^64]",
         .header = "{\"a\":" ENTRY("F32", "18446744073709551616", "0,4") "}",
         .n_data = 4,
         .message = "tensor a: shape: expected whole numbers, found 18446744073709551616"},
        {.name = "shape is a number",
         .header = "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
         .n_data = 8,
         .message = "tensor a: shape: expected an array, found 2"},
        {.name = "shape holds a string",
         .header = "{\"a\":" ENTRY("F32", "\"2\"", "0,8") "}",
         .n_data = 8,
         .message = "tensor a: shape: expected whole numbers, found \"2\""},
        {.name = "ST-30 one offset",
         .header = "{\"a\":" ENTRY("F32", "2", "0") "}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "ST-31 three offsets",
         .header = "{\"a\":" ENTRY("F32", "2", "0,8,8") "}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "no offset",
         .header = "{\"a\":" ENTRY("F32", "2", "") "}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "negative offset",
         .header = "{\"a\":" ENTRY("F32", "2", "-8,0") "}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "fraction in an offset",
         .header = "{\"a\":" ENTRY("F32", "2", "0,8.0") "}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "offset 2^64",
         .header = "{\"a\":" ENTRY("F32", "2", "0,18446744073709551616") "}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "offsets are an object",
         .header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":{\"0\":0,\"1\":8}}}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "ST-32 no dtype",
         .header = "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}",
         .n_data = 8,
         .message = "tensor a: dtype: expected a type of the format, found nothing"},
        {.name = "ST-32 no shape",
         .header = "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}",
         .n_data = 8,
         .message = "tensor a: shape: expected an array, found nothing"},
        {.name = "ST-32 no data_offsets",
         .header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
         .n_data = 8,
         .message = "tensor a: data_offsets: expected two whole numbers"},
        {.name = "ST-33 extra field",
         .header =
             "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"note\":{\"x\":[1.5,null]}}}",
         .n_data = 8},
        {.name = "a field twice",
         .header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"dtype\":\"F32\",\"data_offsets\":[0,8]}}",
         .n_data = 8,
         .message = "\"dtype\" occurs twice"},
        {.name = "an entry that is no object",
         .header = "{\"a\":[0,8]}",
         .n_data = 8,
         .message = "tensor a: expected an object, found an array"},
        {.name = "an entry that is null",
         .header = "{\"a\":null}",
         .message = "tensor a: expected an object, found null"},
        {.name = "ST-35 metadata",
         .header = "{\"__metadata__\":{\"format\":\"pt\",\"\":\"\"},\"a\":" ENTRY("F32", "2", "0,8") "}",
         .n_data = 8},
        {.name = "ST-35 metadata only", .header = "{\"__metadata__\":{\"format\":\"pt\"}}"},
        {.name = "ST-35 metadata null", .header = "{\"__metadata__\":null}"},
        {.name = "ST-35 metadata with a number",
         .header = "{\"__metadata__\":{\"format\":1}}",
         .message = "__metadata__: format: expected a string"},
        {.name = "ST-35 metadata with an object",
         .header = "{\"__metadata__\":{\"x\":{}}}",
         .message = "__metadata__: x: expected a string"},
        {.name = "ST-35 metadata an array",
         .header = "{\"__metadata__\":[]}",
         .message = "__metadata__: expected an object"},
        {.name = "ST-35 metadata twice",
         .header = "{\"__metadata__\":{},\"__metadata__\":{}}",
         .message = "\"__metadata__\" occurs twice"},
        {.name = "ST-34 a name twice, the same entry",
         .header = "{\"a\":" ENTRY("F32", "2", "0,8") ",\"a\":" ENTRY("F32", "2", "0,8") "}",
         .n_data = 8,
         .message = "\"a\" occurs twice"},
        {.name = "ST-34 a name twice, other entries",
         .header = "{\"a\":" ENTRY("F32", "2", "0,8") ",\"a\":" ENTRY("F32", "1", "8,12") "}",
         .n_data = 12,
         .message = "\"a\" occurs twice"},
        {.name = "ST-34 a name twice, once escaped",
         .header = "{\"a\":" ENTRY("F32", "2", "0,8") ",\"\\u0061\":" ENTRY("F32", "1", "8,12") "}",
         .n_data = 12,
         .message = "\"a\" occurs twice"},
        {.name = "empty name", .header = "{\"\":" ENTRY("F32", "2", "0,8") "}", .n_data = 8},
        {.name = "8 dimensions", .header = "{\"a\":" ENTRY("F32", "1,1,1,1,1,1,1,2", "0,8") "}", .n_data = 8},
        {.name = "9 dimensions",
         .header = "{\"a\":" ENTRY("F32", "1,1,1,1,1,1,1,1,2", "0,8") "}",
         .n_data = 8,
         .message = "tensor a: shape: 9 dimensions, at most 8"},
        {.name = "half a byte",
         .header = "{\"a\":" ENTRY("F4", "3", "0,2") "}",
         .n_data = 2,
         .message = "tensor a: its F4 elements do not fill whole bytes"},
        {.name = "three quarters of a byte",
         .header = "{\"a\":" ENTRY("F6_E2M3", "1,2", "0,2") "}",
         .n_data = 2,
         .message = "tensor a: its F6_E2M3 elements do not fill whole bytes"},
    };
    CHECK_CASES(cases, TEST_DIR "/checkpoint-entry.safetensors");
}

static void every_type(void)
{
    static const struct {
        const char *name;
        size_t n_bytes; // of 8 elements
    } types[] = {
        {.name = "BOOL", 8},        {.name = "U8", 8},          {.name = "I8", 8},
        {.name = "F8_E5M2", 8},     {.name = "F8_E4M3", 8},     {.name = "F8_E8M0", 8},
        {.name = "F8_E4M3FNUZ", 8}, {.name = "F8_E5M2FNUZ", 8}, {.name = "I16", 16},
        {.name = "U16", 16},        {.name = "F16", 16},        {.name = "BF16", 16},
        {.name = "I32", 32},        {.name = "U32", 32},        {.name = "F32", 32},
        {.name = "C64", 64},        {.name = "F64", 64},        {.name = "I64", 64},
        {.name = "U64", 64},        {.name = "F4", 4},          {.name = "F6_E2M3", 6},
        {.name = "F6_E3M2", 6},
    };
    static const char path[] = TEST_DIR "/checkpoint-types.safetensors";
    const int n = sizeof types / sizeof *types;
    for (int i = 0; i < n; i++) {
        Bytes header = {0};
        Error error = {0};
        Checkpoint file;
        float values[8];
        bytes_print(&header, "{\"a\":{\"dtype\":\"%s\",\"shape\":[4,2],\"data_offsets\":[0,%zu]}}",
                    types[i].name, types[i].n_bytes);
        const Case c = {.name = types[i].name, .header = header.bytes, .n_data = types[i].n_bytes};
        check_one(&c, path);
        CHECK(checkpoint_open(&file, path, &error), "%s", error.message);
        const bool readable = !strcmp(types[i].name, "F64") || !strcmp(types[i].name, "F32") ||
                              !strcmp(types[i].name, "F16") || !strcmp(types[i].name, "BF16");
        CHECK(checkpoint_read(&file, checkpoint_find(&file, "a"), values, &error) == readable, "%s",
              types[i].name);
        if (!readable) {
            char expected[80];
            snprintf(expected, sizeof expected, "tensor a: expected type F64, F32, F16 or BF16, found %s",
                     types[i].name);
            CHECK(strstr(error.message, expected), "%s", error.message);
        }
        checkpoint_close(&file);
        bytes_free(&header);
    }
    printf("%d types\n", n);
}

// ---- names and numbers of tensors -------------------------------------------------------------------------

static void names(void)
{
    static const char path[] = TEST_DIR "/checkpoint-names.safetensors";
    static const char *const written[] = {
        "x.weight", "\\u0078\\u00e9", "q\\\"\\\\\\n", "\\ud83d\\ude00", "\xC3\xA4", "", "__metadata"};
    static const char *const meant[] = {"x.weight", "x\xC3\xA9", "q\"\\\n",   "\xF0\x9F\x98\x80",
                                        "\xC3\xA4", "",          "__metadata"};
    const int n = sizeof meant / sizeof *meant;
    Bytes header = {0};
    float data[8];
    Checkpoint file;
    Error error = {0};
    for (int i = 0; i < n; i++) {
        data[i] = (float)i;
        bytes_print(&header, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}",
                    i ? "," : "{", written[i], 4 * i, 4 * i + 4);
    }
    bytes_print(&header, "}");
    safetensors_make(path, header.bytes, data, (size_t)n * 4);
    CHECK(checkpoint_open(&file, path, &error), "%s", error.message);
    for (int i = 0; i < n; i++) { // ST-36
        float value = -1;
        const Tensor *tensor = checkpoint_find(&file, meant[i]);
        CHECK(tensor && checkpoint_read(&file, tensor, &value, &error) && value == data[i], "%s: %g",
              meant[i], (double)value);
    }
    CHECK(!checkpoint_find(&file, "x") && !checkpoint_find(&file, "x.weights") &&
              !checkpoint_find(&file, "__metadata__"),
          "absent names");
    checkpoint_close(&file);
    for (int length = 512; length <= 513; length++) {
        Case c = {.name = "a long name",
                  .n_data = 8,
                  .message = length > 512 ? "name is longer than 512 bytes" : NULL};
        header.n = 0;
        bytes_print(&header, "{\"%0*d\":" ENTRY("F32", "2", "0,8") "}", length, 0);
        c.header = header.bytes;
        check_one(&c, path);
    }
    bytes_free(&header);
}

static void same_offsets(void)
{
    static const char path[] = TEST_DIR "/checkpoint-same.safetensors";
    Bytes header = {0};
    for (int i = 0; i < 10; i++)
        bytes_print(&header, "%s\"t%d\":" ENTRY("F32", "2", "0,8"), i ? "," : "{", i);
    bytes_print(&header, "}");
    const Case c = {.name = "ST-24 the same bytes for 10 tensors",
                    .header = header.bytes,
                    .n_data = 8,
                    .message = "expected to begin at 8"};
    check_one(&c, path);
    bytes_free(&header);
}

// ST-42: if opening or finding took quadratic time, this would be the slowest of all tests.
static void many_tensors(void)
{
    static const char path[] = TEST_DIR "/checkpoint-many.safetensors";
    enum { MANY = 20000 };
    Bytes header = {0}, data = {0};
    Checkpoint file;
    Error error = {0};
    for (int i = 0; i < MANY; i++) { // in an order that is neither that of names nor that of offsets
        const int at = (int)(7919LL * i % MANY);
        bytes_print(&header, "%s\"layer.%d\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}",
                    i ? "," : "{", at, 4 * at, 4 * at + 4);
        bytes_add(&data, &(float){(float)i}, 4);
    }
    bytes_print(&header, "}");
    safetensors_make(path, header.bytes, data.bytes, data.n);
    CHECK(checkpoint_open(&file, path, &error) && file.n_tensors == MANY, "%s", error.message);
    int n_right = 0;
    for (int i = 0; i < file.n_tensors; i++) {
        char name[40];
        float value = -1;
        snprintf(name, sizeof name, "layer.%d", i);
        const Tensor *tensor = checkpoint_find(&file, name);
        n_right += tensor && checkpoint_read(&file, tensor, &value, &error) && value == (float)i;
    }
    CHECK(n_right == MANY, "%d of %d: %s", n_right, MANY, error.message);
    printf("%d tensors, a header of %zu bytes\n", n_right, header.n);
    if (!error.set) checkpoint_close(&file);
    bytes_free(&header);
    bytes_free(&data);
}

// ---- values -----------------------------------------------------------------------------------------------

// All 65536 patterns of 16 bits as one tensor, behind `before` bytes of another one; out (65536).
static void read_patterns(const char *path, const char *dtype, int before, float *out)
{
    Bytes header = {0}, data = {0};
    Checkpoint file;
    Error error = {0};
    bytes_print(&header, "{\"pad\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},", before,
                before);
    bytes_print(&header, "\"a\":{\"dtype\":\"%s\",\"shape\":[256,256],\"data_offsets\":[%d,%d]}}", dtype,
                before, before + 131072);
    for (int i = 0; i < before; i++) bytes_add(&data, "\xAA", 1);
    for (int i = 0; i < 65536; i++) bytes_add(&data, &(unsigned char[2]){i & 0xFF, i >> 8}, 2);
    safetensors_make(path, header.bytes, data.bytes, data.n);
    CHECK(checkpoint_open(&file, path, &error) &&
              checkpoint_read(&file, checkpoint_find(&file, "a"), out, &error),
          "%s", error.message);
    checkpoint_close(&file);
    bytes_free(&header);
    bytes_free(&data);
}

// The number that a pattern of 16 bits stands for: sign, exponent, fraction, by the definition of IEEE 754.
static double number_of(unsigned pattern, int exponent_bits, int fraction_bits)
{
    const int bias = (1 << (exponent_bits - 1)) - 1, max_exponent = (1 << exponent_bits) - 1;
    const int exponent = (int)(pattern >> fraction_bits) & max_exponent,
              fraction = (int)pattern & ((1 << fraction_bits) - 1);
    const double sign = pattern & 0x8000 ? -1 : 1;
    if (exponent == max_exponent) return fraction ? (double)NAN : sign * (double)INFINITY;
    if (!exponent) return sign * ldexp(fraction, 1 - bias - fraction_bits);
    return sign * ldexp(fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
}

static void check_patterns(const char *path, const char *dtype, int exponent_bits, int fraction_bits)
{
    float *values = memory_resize(NULL, 65536, sizeof *values);
    int n_nan = 0;
    for (int before = 0; before <= 3; before += 3) { // 3: no element is aligned [ST-41]
        read_patterns(path, dtype, before, values);
        for (unsigned i = 0; i < 65536; i++) {
            const double expected = number_of(i, exponent_bits, fraction_bits);
            const float rounded = (float)expected; // exact
            if (isnan(expected)) CHECK(isnan(values[i]), "%s %04x: %g", dtype, i, (double)values[i]);
            else
                CHECK(!memcmp(&values[i], &rounded, 4), "%s %04x: %a, expected %a", dtype, i,
                      (double)values[i], expected);
            n_nan += isnan(values[i]);
        }
    }
    printf("%s: 2 * 65536 patterns, %d NaN\n", dtype, n_nan);
    memory_resize(values, 0, 0);
}

// ST-38
static void halves(void) { check_patterns(TEST_DIR "/checkpoint-f16.safetensors", "F16", 5, 10); }
static void brain_floats(void) { check_patterns(TEST_DIR "/checkpoint-bf16.safetensors", "BF16", 8, 7); }

// ST-41: every offset of the data and every length of the header modulo 8.
static void misaligned(void)
{
    static const char path[] = TEST_DIR "/checkpoint-misaligned.safetensors";
    static const float values[] = {1.5f, -0.0f, 3e38f, 1e-45f, INFINITY};
    for (int i = 0; i < 64; i++) {
        const int before = i % 8, spaces = i / 8, n = sizeof values / sizeof *values;
        Bytes header = {0}, data = {0};
        Checkpoint file;
        Error error = {0};
        float out[5] = {0};
        bytes_print(&header, "{\"pad\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},", before,
                    before);
        bytes_print(&header, "\"a\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]}}%*s", n,
                    before, before + 4 * n, spaces, "");
        bytes_add(&data, "1234567", (size_t)before);
        for (int k = 0; k < n; k++) {
            uint32_t bits;
            memcpy(&bits, &values[k], 4);
            for (int b = 0; b < 4; b++) bytes_add(&data, &(unsigned char){bits >> 8 * b & 0xFF}, 1);
        }
        safetensors_make(path, header.bytes, data.bytes, data.n);
        CHECK(checkpoint_open(&file, path, &error) &&
                  checkpoint_read(&file, checkpoint_find(&file, "a"), out, &error),
              "%s", error.message);
        CHECK_BITS(out, values, n, "misaligned");
        checkpoint_close(&file);
        bytes_free(&header);
        bytes_free(&data);
    }
}

// ---- damage -----------------------------------------------------------------------------------------------

// [ST-43] A file that is cut anywhere is refused. One with changed bytes is refused or read, and nothing else
// happens: the sanitizers would notice.
static void damaged(void)
{
    static const char path[] = TEST_DIR "/checkpoint-damaged.safetensors";
    const Case whole = {.header = "{\"__metadata__\":{\"format\":\"pt\"},\"a.weight\":" ENTRY(
                            "F32", "2,3", "0,24") ",\"b\":" ENTRY("BF16", "4", "24,32") "}",
                        .n_data = 32};
    int n_accepted = 0, n_changes = 0;
    uint32_t random = 1;
    make_case(&whole, path);
    Bytes file = file_bytes(path);
    for (size_t n = 0; n < file.n; n++) {
        Checkpoint c;
        Error error = {0};
        file_make(path, file.bytes, n);
        CHECK(!checkpoint_open(&c, path, &error) && error.set && strstr(error.message, path), "%zu bytes: %s",
              n, error.message);
    }
    for (; n_changes < 300; n_changes++) {
        Bytes changed = {0};
        Checkpoint c;
        Error error = {0};
        bytes_add(&changed, file.bytes, file.n);
        for (int k = n_changes % 3; k >= 0; k--) {
            random = random * 1664525 + 1013904223; // Numerical Recipes
            const size_t at = (random >> 8) % (file.n - 32);
            static const char likely[] = "0123456789[]{},:\"\\ -.eE\xFF\x80n";
            changed.bytes[at] = n_changes % 2 ? likely[(random >> 4) % (sizeof likely - 1)]
                                              : (char)(changed.bytes[at] ^ 1 << (random >> 5) % 8);
        }
        file_make(path, changed.bytes, changed.n);
        const bool accepted = checkpoint_open(&c, path, &error);
        CHECK(accepted != error.set, "change %d", n_changes);
        for (int i = 0; accepted && i < c.n_tensors; i++) {
            float *values = memory_resize(NULL, c.tensors[i].count + 1, sizeof *values);
            checkpoint_read(&c, &c.tensors[i], values, &error);
            memory_resize(values, 0, 0);
        }
        n_accepted += accepted;
        if (accepted) checkpoint_close(&c);
        bytes_free(&changed);
    }
    printf("%zu cuts, %d changes, %d of them harmless\n", file.n, n_changes, n_accepted);
    CHECK(n_accepted > 0 && n_accepted < n_changes, "%d", n_accepted);
    bytes_free(&file);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"a safetensors header must be JSON of the length that the file says", rules_of_the_header},
        {"a file of less than 8 bytes, or none, is no checkpoint", too_short},
        {"tensors fill the data of a checkpoint without hole or overlap", rules_of_the_layout},
        {"every field of a tensor is checked, and errors name the tensor", rules_of_an_entry},
        {"all types of the format are known and four of them are read", every_type},
        {"names of tensors may be escaped, empty or 512 bytes long", names},
        {"tensors cannot share bytes", same_offsets},
        {"20000 tensors are sorted, found and read", many_tensors},
        {"every F16 number is read exactly, wherever it stands", halves},
        {"every BF16 number is read exactly, wherever it stands", brain_floats},
        {"tensors need no alignment", misaligned},
        {"a damaged checkpoint is refused or read without a crash", damaged},
    };
    return RUN_TESTS(tests);
}
