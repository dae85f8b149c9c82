// SPDX-License-Identifier: MIT
// The tokenizer of the models in data/, variants of its file that are refused, and texts to ids and back.
#include "check.h"
#include "text/codec.h"
#include "made_files.h"
#include "text/unicode.h"

static void tokenizer_open(Tokenizer *t, Arena *arena, const char *directory)
{
    Error error = {0};
    if (tokenizer_load(t, arena, directory, &error)) return;
    report(&error);
    exit(1); // nothing can be tested without it
}

// ---- texts to ids -----------------------------------------------------------------------------------------

typedef struct {
    const char *text, *ids;
    int n_unknown; // different ones
} Case;

static void check_encoding(const char *directory, const Case *cases, int n)
{
    Arena arena = {0};
    Tokenizer t;
    tokenizer_open(&t, &arena, directory);
    for (int i = 0; i < n; i++) {
        char found[MAX_IDS_TEXT];
        int ids[100];
        Unknown unknown;
        ids_text(found, ids, tokenizer_encode(&t, ids, cases[i].text, &unknown));
        CHECK(!strcmp(found, cases[i].ids) && unknown.n == cases[i].n_unknown,
              "%s \"%s\": expected %s, found %s, %d unknown", directory, cases[i].text, cases[i].ids, found,
              unknown.n);
    }
    arena_free(&arena);
    printf("%s: %d texts\n", directory, n);
}

static void with_suffix(void)
{
    static const Case cases[] = {
        {.text = "transformer", "26 24 7 20 25 12 21 24 19 11 24 1", 0},
        {.text = "Transformer", "26 24 7 20 25 12 21 24 19 11 24 1", 0},
        {.text = "ZEBRA", "32 11 8 24 7 1", 0},
        {.text = "o'neil-x.", "21 4 20 11 15 18 5 30 6 1", 0},
        {.text = "", "1", 0},
        {.text = "a b", "7 2 8 1", 1},     // a space is a code point like any other
        {.text = "</s>", "2 2 25 2 1", 3}, // characters, not the token of that name
        {.text = "<pad>", "2 22 7 10 2 1", 2},
        {.text = "AA1", "7 7 2 1", 1},  // nor a phoneme
        {.text = "\xC3\xA9", "2 1", 1}, // e acute: two bytes, one code point
        {.text = "caf\xC3\x89", "9 7 12 2 1", 1},
        {.text = "\xE2\x82\xAC\xF0\x9F\x98\x80z", "2 2 32 1", 2}, // three and four bytes
        {.text = "[`{@", "2 2 2 2 1", 4},                         // next to the letters in ASCII
        {.text = "[[[[[[[[@[@", "2 2 2 2 2 2 2 2 2 2 2 1", 2},
        {.text = "12345678", "2 2 2 2 2 2 2 2 1", MAX_UNKNOWN},
        // Lower case is Unicode's: K of Kelvin is k; I with a dot above is two code points, i and the dot.
        {.text = "\xE2\x84\xAA", "17 1", 0},
        {.text = "x\xC4\xB0y", "30 15 2 31 1", 1},
    };
    check_encoding("data/marian", cases, sizeof cases / sizeof *cases);
    check_encoding("data/umt5", cases, sizeof cases / sizeof *cases);
}

// What is said about the characters that a vocabulary lacks.
static void unknown_characters(void)
{
    static const struct {
        const char *text, *note;
    } cases[] = {
        {.text = "read", NULL},
        {.text = "re%d", "\"%\" is not in the vocabulary: the result is unreliable"},
        {.text = "\xC3\x89t\xC3\xA9",
         "\"\xC3\xA9\" is not in the vocabulary: the result is unreliable"}, // in lower case
        {.text = "a b%a%", "\" \", \"%\" are not in the vocabulary: the result is unreliable"},
        {.text = "12345",
         "\"1\", \"2\", \"3\", \"4\", \"5\" are not in the vocabulary: the result is unreliable"},
        {.text = "0987654321",
         "\"0\", \"9\", \"8\", \"7\", \"6\" and others are not in the vocabulary: the result is unreliable"},
        {.text = "\x1B[\x7F\xC2\x85",
         "U+001B, \"[\", U+007F, U+0085 are not in the vocabulary: the result is unreliable"},
        {.text = "\xF0\x9F\x98\x80",
         "\"\xF0\x9F\x98\x80\" is not in the vocabulary: the result is unreliable"},
    };
    Arena arena = {0};
    Model m;
    Codec codec;
    Error error = {0};
    CHECK(model_load(&m, "data/marian", PANEL_WIDTH, &error) && codec_open(&codec, &m, false, &error), "%s",
          error.message);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Ids ids;
        const char *note, *expected = cases[i].note;
        CHECK(codec_source(&codec, &arena, cases[i].text, &ids, &note, &error), "%s", error.message);
        CHECK(!note == !expected && (!note || !strcmp(note, expected)), "case %zu: expected %s, found %s", i,
              expected ? expected : "no note", note ? note : "none");
    }
    codec.tokenizer.unknown = -1;
    Ids ids;
    const char *note;
    CHECK(!codec_source(&codec, &arena, "re%d", &ids, &note, &error) &&
              !strcmp(error.message, "\"%\" is not in the vocabulary, nor is unk_token"),
          "%s", error.message);
    arena_free(&arena);
    model_free(&m);
}

// All code points, against the hash (FNV-1a) of what tokenizers 0.23 makes of them; and some by themselves.
static void lower_case(void)
{
    static const uint32_t known[][2] = {
        {'A', 'a'},    {'Z', 'z'},     {'[', '['},    {0xC9, 0xE9},   {0x100, 0x101},     {0x101, 0x101},
        {0x178, 0xFF}, {0x3A3, 0x3C3}, {0x212A, 'k'}, {0x1E9E, 0xDF}, {0x10400, 0x10428}, {0x1E900, 0x1E922}};
    uint32_t hash = 2166136261u, out[2];
    int n_changed = 0;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000) continue;
        const int n = unicode_lower_case(c, out);
        n_changed += n != 1 || out[0] != c;
        for (int i = 0; i < n; i++) hash = (hash ^ out[i]) * 16777619u;
    }
    CHECK(n_changed == 1488 && hash == 3483573603u, "%d code points change, hash %u", n_changed, hash);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK(unicode_lower_case(known[i][0], out) == 1 && out[0] == known[i][1], "U+%04X: U+%04X",
              known[i][0], out[0]);
    CHECK(unicode_lower_case(0x130, out) == 2 && out[0] == 'i' && out[1] == 0x307, "U+0130");
}

static void with_prefix_and_suffix(void)
{
    static const Case cases[] = {
        {.text = "ab", "1 7 8 3", 0},
        {.text = "", "1 3", 0},
        {.text = "\xC3\xA9", "1 2 3", 1},
    };
    check_encoding("data/gpt2", cases, sizeof cases / sizeof *cases);
}

static void tokens_by_name(void)
{
    Arena arena = {0};
    Tokenizer t;
    tokenizer_open(&t, &arena, "data/marian");
    int n_special = 0;
    for (int id = 0; id < t.n_tokens; id++) {
        CHECK(tokenizer_id(&t, tokenizer_token(&t, id)) == id, "id %d: \"%s\"", id, tokenizer_token(&t, id));
        n_special += tokenizer_special(&t, id);
    }
    CHECK(t.n_tokens == 102 && n_special == 4 && t.unknown == 2, "%d tokens, %d special, unknown %d",
          t.n_tokens, n_special, t.unknown);
    CHECK(tokenizer_special(&t, 3) && !tokenizer_special(&t, 4), "<sep> is special, the apostrophe is not");
    CHECK(tokenizer_id(&t, "ER0") == 58 && tokenizer_id(&t, "er0") < 0 && tokenizer_id(&t, "") < 0 &&
              tokenizer_id(&t, "ER") < 0,
          "written exactly like this");
    CHECK(!*tokenizer_token(&t, 102) && !tokenizer_special(&t, 102) && !*tokenizer_token(&t, 1 << 20),
          "ids without a token");
    arena_free(&arena);
}

// ---- variants of the file ---------------------------------------------------------------------------------

typedef struct {
    const char *old, *new; // text of data/marian/tokenizer.json, and what stands there instead
    const char *message;   // NULL: accepted
} Variant;

static void unsupported_sections(void)
{
    static const char directory[] = TEST_DIR "/tokenizer", path[] = TEST_DIR "/tokenizer/tokenizer.json";
    static const Variant variants[] = {
        {.old = "\"truncation\": null", "\"truncation\": {\"max_length\": 9}", NULL}, // not used
        {.old = "\"truncation\": null", "\"truncation\": {}", "key \"max_length\": expected a whole number"},
        {.old = "\"padding\": null", "\"padding\": {\"strategy\": \"BatchLongest\"}", NULL}, // not used
        {.old = "\"decoder\": null", "\"decoder\": {\"type\": \"ByteLevel\"}", "decoder: only null"},
        {.old = "\"version\": \"1.0\"", "\"version\": \"1.0\", \"extra\": 1", ":2: unknown key \"extra\""},
        {.old = "\"Lowercase\"",
         "\"NFKC\"",
         "normalizer: expected type Lowercase (for any other use --ids), found NFKC"},
        {.old = "{\n    \"type\": \"Lowercase\"\n  }", "null", NULL}, // texts stay as they are
        {.old = "{\n    \"type\": \"Lowercase\"\n  }",
         "[]",
         "normalizer: expected type Lowercase (for any other use --ids), found nothing"},
        {.old = "\"Split\"",
         "\"Whitespace\"",
         "pre_tokenizer: expected type Split (for any other use --ids), found Whitespace"},
        {.old = "\"Split\"", "7", "key \"type\": expected a string, found 7"},
        {.old = "\"Regex\": \".\"",
         "\"Regex\": \"..\"",
         "pre_tokenizer: Regex: expected \".\" (for any other use --ids), found \"..\""},
        {.old = "\"Regex\": \".\"",
         "\"String\": \".\"",
         "pre_tokenizer: Regex: expected \".\" (for any other use --ids), found \"\""},
        {.old = "\"Isolated\"",
         "\"Removed\"",
         "pre_tokenizer: behavior: expected \"Isolated\" (for any other use --ids), found \"Removed\""},
        {.old = "\"invert\": false", "\"invert\": true", "key \"invert\": expected false"},
        {.old = "\"TemplateProcessing\"",
         "\"ByteLevel\"",
         "post_processor: expected type TemplateProcessing (for any other use --ids), found ByteLevel"},
        {.old = "\"single\": [", "\"single\": {}, \"x\": [", "post_processor: single: expected an array"},
        {.old = "\"single\": [", "\"x\": [", "post_processor: single: expected an array"},
        {.old = "\"Sequence\": {\n          \"id\": \"A\"",
         "\"Sequence\": {\n          \"id\": \"B\"",
         "post_processor: single: expected Sequence A"},
        {.old = "\"SpecialToken\": {\n          \"id\": \"</s>\"",
         "\"Sequence\": {\n          \"id\": \"A\"",
         "post_processor: single: expected Sequence A, the text, once"},
        {.old = "\"Sequence\": {\n          \"id\": \"A\"",
         "\"SpecialToken\": {\n          \"id\": \"</s>\"",
         "post_processor: single: the text does not occur"},
        {.old = "\"SpecialToken\": {\n          \"id\": \"</s>\"",
         "\"SpecialToken\": {\n          \"id\": \"<x>\"",
         "post_processor: special token \"<x>\" has no ids"},
        {.old = "\"SpecialToken\": {", "\"Other\": {", "post_processor: special token \"\" has no ids"},
        {.old = "\"ids\": [\n          1\n        ]",
         "\"ids\": []",
         "post_processor: special token \"</s>\" has no ids"},
        {.old = "\"ids\": [\n          1\n        ]",
         "\"ids\": [102]",
         "special token \"</s>\": expected ids from 0 to 101, found 102"},
        {.old = "\"ids\": [\n          1\n        ]", "\"ids\": [1, 3, 1]", NULL},
        {.old = "\"WordLevel\"",
         "\"BPE\"",
         "model: expected type WordLevel (for any other use --ids), found BPE"},
        {.old = "\"vocab\": {", "\"vocab\": [], \"x\": {", "model: vocab: expected an object"},
        {.old = "\"unk_token\": \"<unk>\"",
         "\"unk_token\": \"<UNK>\"",
         NULL}, // an error of the texts that need it
        {.old = "\"unk_token\": \"<unk>\"",
         "\"x\": 0",
         "key \"unk_token\": expected a string, but it is missing"},
        {.old = "\"a\": 7", "\"a\": \"7\"", "token \"a\": expected an id from 0 to"},
        {.old = "\"a\": 7", "\"a\": -7", "token \"a\": expected an id from 0 to"},
        {.old = "\"a\": 7", "\"a\": 100000", "token \"a\": expected an id from 0 to"},
        {.old = "\"a\": 7", "\"a\": 8", "id 8 belongs to \"a\" and to \"b\""},
        {.old = "\"a\": 7", "\"a\": 200", NULL},           // a gap
        {.old = "\"a\": 7,", "\"a\": 8, \"a\": 7,", NULL}, // the last counts
        {.old = "\"id\": 3,", "\"id\": 102,", "token \"<sep>\" has two ids, "},
        {.old = "\"id\": 3,", "\"id\": 4,", "id 4 belongs to \"'\" and to \"<sep>\""},
        {.old = "\"id\": 3,", "\"x\": 3,", "token \"<sep>\": expected an id from 0 to"},
        {.old = "\"content\": \"<sep>\"",
         "\"content\": \"<new>\"",
         "id 3 belongs to \"<sep>\" and to \"<new>\""},
        {.old = "\"content\": \"<sep>\"", "\"content\": null", "key \"content\": expected a string"},
        {.old = "\"special\": true", "\"special\": 1", "key \"special\": expected true or false, found 1"},
        {.old = "\"added_tokens\": [", "\"added_tokens\": {}, \"version \": [", "unknown key \"version \""},
        {.old = "\"added_tokens\": [\n", "\"added_tokens\": 3, \"added_tokens\": [\n", NULL},
        {.old = "\"version\"", "version", "tokenizer.json:2: expected a string, found 'v'"},
    };
    const int n = sizeof variants / sizeof *variants;
    Bytes original = file_bytes("data/marian/tokenizer.json");
    directory_make(directory);
    file_make(path, original.bytes, original.n);
    for (int i = 0; i < n; i++) {
        const Variant *v = &variants[i];
        Arena arena = {0};
        Tokenizer t;
        Error error = {0};
        Bytes before = file_replace(path, v->old, v->new);
        const bool accepted = tokenizer_load(&t, &arena, directory, &error);
        CHECK(accepted == !v->message && accepted == !error.set, "%s: %s", v->new, error.message);
        if (v->message)
            CHECK(strstr(error.message, v->message) && strstr(error.message, path) &&
                      !strchr(error.message, '\n'),
                  "%s: expected an error with \"%s\", found \"%s\"", v->new, v->message, error.message);
        file_restore(path, &before);
        arena_free(&arena);
    }
    printf("%d variants\n", n);
    bytes_free(&original);
}

static void file_itself(void)
{
    static const char directory[] = TEST_DIR "/tokenizer-file",
                      path[] = TEST_DIR "/tokenizer-file/tokenizer.json";
    Arena arena = {0};
    Tokenizer t;
    Error error = {0};
    CHECK(!tokenizer_load(&t, &arena, TEST_DIR "/there-is-none", &error) &&
              strstr(error.message, "there-is-none/tokenizer.json: cannot open"),
          "%s", error.message);
    error = (Error){0};
    directory_make(directory);
    text_make(path, "[]");
    CHECK(!tokenizer_load(&t, &arena, directory, &error) &&
              strstr(error.message, "expected an object, found an array"),
          "%s", error.message);
    error = (Error){0};
    text_make(path, "{}");
    CHECK(!tokenizer_load(&t, &arena, directory, &error) &&
              strstr(error.message, "model: expected type WordLevel"),
          "%s", error.message);
    arena_free(&arena);
}

// ---- what a user types ------------------------------------------------------------------------------------

typedef bool Read(const Codec *codec, Arena *arena, const char *text, Ids *out, Error *error);
static bool read_source(const Codec *codec, Arena *arena, const char *text, Ids *out, Error *error)
{
    const char *note;
    return codec_source(codec, arena, text, out, &note, error);
}

typedef struct {
    Read *read;
    const char *text, *ids, *message; // ids, or a part of the message
} Typed;

static void check_typed(const char *directory, bool as_ids, const Typed *cases, int n)
{
    Arena arena = {0};
    Model model;
    Codec codec;
    Error error = {0};
    CHECK(model_load(&model, directory, PANEL_WIDTH, &error) && codec_open(&codec, &model, as_ids, &error),
          "%s", error.message);
    if (error.set) return;
    for (int i = 0; i < n; i++) {
        char found[MAX_IDS_TEXT];
        Ids ids;
        const bool accepted = cases[i].read(&codec, &arena, cases[i].text, &ids, &error);
        if (cases[i].message)
            CHECK(!accepted && strstr(error.message, cases[i].message),
                  "\"%.40s\": expected \"%s\", found \"%s\"", cases[i].text, cases[i].message, error.message);
        else
            CHECK(accepted && !strcmp(ids_text(found, ids.ids, ids.n), cases[i].ids), "\"%s\": %s %s",
                  cases[i].text, found, error.message);
        error = (Error){0};
    }
    model_free(&model);
    arena_free(&arena);
    printf("%s, %s: %d texts\n", directory, as_ids ? "ids" : "text", n);
}

#define CHECK_TYPED(directory, as_ids, cases)                                                                \
    check_typed(directory, as_ids, cases, sizeof cases / sizeof *cases)

static void texts_typed(void)
{
    // 63 letters
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk";
    static const Typed cases[] = {
        {.read = read_source, "read", "24 11 7 10 1", NULL},
        {.read = read_source, "", NULL, "the text is empty"},
        {.read = read_source, "\xF0\x9F", NULL, "not valid UTF-8"},
        {.read = read_source, "a\xC3", NULL, "not valid UTF-8"},
        {.read = read_source,
         letters,
         "7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 "
         "7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 "
         "7 8 9 10 11 12 13 14 15 16 17 1",
         NULL},
        {.read = codec_target, "R EH1 D", "86 56 53 1", NULL},
        {.read = codec_target, "  R  EH1 ", "86 56 1", NULL},
        {.read = codec_target, "", "1", NULL},
        {.read = codec_target, "</s>", "1 1", NULL},
        {.read = codec_target, "R eh1", NULL, "expected tokens of data/marian/tokenizer.json, found \"eh1\""},
        {.read = codec_target, "R\tD", NULL, "found \"R?D\""},
    };
    CHECK_TYPED("data/marian", false, cases);
    static const Typed too_long[] = {{.read = read_source,
                                      "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
                                      NULL,
                                      "65 tokens are more than the model's 64 positions"}};
    CHECK_TYPED("data/marian", false, too_long);
    static const Typed decoder_only[] = {
        {.read = read_source, "ab", "1 7 8 3", NULL},
        {.read = read_source, "", "1", NULL}, // the bos token alone
    };
    CHECK_TYPED("data/gpt2", false, decoder_only);
}

static void ids_typed(void)
{
    static const Typed cases[] = {
        {.read = read_source, "0 101 7", "0 101 7", NULL},
        {.read = read_source, "  5   6 ", "5 6", NULL},
        {.read = read_source, "0007", "7", NULL},
        {.read = read_source, "", NULL, "expected token ids, found none"},
        {.read = read_source, "   ", NULL, "expected token ids, found none"},
        {.read = read_source, "102", NULL, "expected token ids from 0 to 101, found \"102\""},
        {.read = read_source, "-1", NULL, "found \"-1\""},
        {.read = read_source, "+1", NULL, "found \"+1\""},
        {.read = read_source, "1 x", NULL, "found \"x\""},
        {.read = read_source, "1.0", NULL, "found \"1.0\""},
        {.read = read_source, "0x1", NULL, "found \"0x1\""},
        {.read = read_source, "\v1", NULL, "found \"?1\""},
        {.read = read_source, "99999999999999999999999", NULL, "found \"99999999999999999999999\""},
        {.read = read_source, "4294967296", NULL, "found \"4294967296\""},
        {.read = codec_target, "86 56 52", "86 56 52", NULL}, // nothing is appended
        {.read = codec_target, "", NULL, "expected target tokens, found none"},
    };
    CHECK_TYPED("data/marian", true, cases);
    CHECK_TYPED("data/umt5", true, cases);
    static const Typed decoder_only[] = {{.read = read_source, "", NULL, "expected token ids, found none"}};
    CHECK_TYPED("data/gpt2", true, decoder_only);
}

static void tokens_shown(void)
{
    Arena arena = {0};
    Model model;
    Codec text, ids;
    Error error = {0};
    CHECK(model_load(&model, "data/marian", PANEL_WIDTH, &error) &&
              codec_open(&text, &model, false, &error) && codec_open(&ids, &model, true, &error),
          "%s", error.message);
    if (error.set) return;
    CHECK(!strcmp(codec_label(&text, &arena, 56), "EH1") && !strcmp(codec_label(&ids, &arena, 56), "56"),
          "labels");
    CHECK(!strcmp(codec_label(&text, &arena, 1), "</s>"), "a table shows special tokens");
    CHECK(!codec_shown(&text, 1) && codec_shown(&text, 56) && codec_shown(&ids, 1),
          "a result of text does not");
    model_free(&model);
    arena_free(&arena);
}

// The tokenizer has an id beyond the model's vocabulary.
static void more_tokens_than_the_model(void)
{
    static const char directory[] = TEST_DIR "/tokenizer-larger";
    Arena arena = {0};
    Codec codec;
    Model model;
    Error error = {0};
    Bytes tokenizer = file_bytes("data/marian/tokenizer.json");
    directory_make(directory);
    file_make(TEST_DIR "/tokenizer-larger/tokenizer.json", tokenizer.bytes, tokenizer.n);
    bytes_free(&tokenizer);
    CHECK(model_load(&model, "data/marian", PANEL_WIDTH, &error), "%s", error.message);
    if (error.set) return;
    model.directory = directory;
    model.config.vocab = 101;
    CHECK(!codec_open(&codec, &model, false, &error) &&
              strstr(error.message, "expected ids below the model's vocabulary of 101, found 101"),
          "%s", error.message);
    model_free(&model);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"letters become ids, any other code point one unknown token", with_suffix},
        {"characters that the vocabulary lacks are named", unknown_characters},
        {"lower case is that of Unicode", lower_case},
        {"the prompt of a decoder stands between its special tokens", with_prefix_and_suffix},
        {"every token is found by its name and no other", tokens_by_name},
        {"what is not supported in a tokenizer is refused by name", unsupported_sections},
        {"a tokenizer that is missing or no object is an error", file_itself},
        {"texts and targets become tokens, or an error that says why", texts_typed},
        {"ids are whole numbers of the vocabulary, or an error that says why", ids_typed},
        {"results of texts show no special tokens", tokens_shown},
        {"a tokenizer with more tokens than the model is an error", more_tokens_than_the_model},
    };
    return RUN_TESTS(tests);
}
