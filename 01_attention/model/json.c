// SPDX-License-Identifier: MIT
// json.c -- a recursive-descent parser for the grammar of RFC 8259.
//
// parse_value() selects the function for a value by its first character; parse_list() calls parse_value() for
// every element of an array or member of an object. On an error the sticky Error is set, and every function
// returns NULL up to parse().
// The parser reads from one buffer (Parser.at up to Parser.end), counts lines for messages, and limits the
// depth, so that a damaged file cannot overflow the stack. Members are also sorted, for binary search.
#include "model/json.h"
#include "model/files.h"
#include "text/utf8.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 128 };

typedef struct {
    Arena *arena;
    const char *at, *end, *file;
    int line, depth;
    bool strict; // as json_parse() is; false: as json_read()
    Error *error;
} Parser;

static Json *parse_value(Parser *p);

// A message that says what was found at the current byte; always returns NULL.
static Json *expected(Parser *p, const char *what)
{
    if (p->at >= p->end)
        fail(p->error, "%s:%d: expected %s, found the end of the text", p->file, p->line, what);
    else if (isprint((unsigned char)*p->at))
        fail(p->error, "%s:%d: expected %s, found '%c'", p->file, p->line, what, *p->at);
    else fail(p->error, "%s:%d: expected %s, found byte %02x", p->file, p->line, what, (unsigned char)*p->at);
    return NULL;
}

static void skip_space(Parser *p)
{
    for (; p->at < p->end && strchr(" \t\r\n", *p->at) && *p->at; p->at++)
        if (*p->at == '\n') p->line++;
}

// Skip white space and, if it comes next, the character c.
static bool take(Parser *p, char c)
{
    skip_space(p);
    if (p->at >= p->end || *p->at != c) return false;
    p->at++;
    return true;
}

static Json *node(Parser *p, JsonKind kind)
{
    Json *value = arena_alloc(p->arena, 1, sizeof *value);
    *value = (Json){.kind = kind, .line = p->line};
    return value;
}

// true, false or null; NaN or Infinity, which are numbers.
static Json *parse_word(Parser *p, const char *word, JsonKind kind)
{
    size_t n = strlen(word);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, word, n)) return expected(p, "a JSON value");
    if (kind == JSON_NUMBER && p->strict) return expected(p, "a JSON value");
    p->at += n;
    Json *value = node(p, kind);
    if (kind == JSON_NUMBER) value->text = word;
    return value;
}

// Skip digits; false if there are none.
static bool digits(Parser *p)
{
    const char *start = p->at;
    while (p->at < p->end && isdigit((unsigned char)*p->at)) p->at++;
    return p->at > start;
}

// Checks the grammar only; the text is kept.
static Json *parse_number(Parser *p)
{
    const char *start = p->at;
    if (!p->strict && p->end - p->at > 1 && !memcmp(p->at, "-I", 2))
        return parse_word(p, "-Infinity", JSON_NUMBER);
    if (*p->at == '-') p->at++;
    const bool zero = p->at < p->end && *p->at == '0';
    if (zero) p->at++;
    else if (!digits(p)) return expected(p, "a digit");
    if (zero && p->at < p->end && isdigit((unsigned char)*p->at))
        return expected(p, "no digit after a leading zero");
    if (p->at < p->end && *p->at == '.') {
        p->at++;
        if (!digits(p)) return expected(p, "a digit after the decimal point");
    }
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-')) p->at++;
        if (!digits(p)) return expected(p, "a digit in the exponent");
    }
    Json *value = node(p, JSON_NUMBER);
    value->text = arena_text(p->arena, start, p->at - start);
    return value;
}

// Four hexadecimal digits; -1 on error.
static int32_t parse_hex4(Parser *p)
{
    int32_t code = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        if (p->at >= p->end || !isxdigit((unsigned char)*p->at)) {
            expected(p, "four hexadecimal digits after \\u");
            return -1;
        }
        int c = tolower((unsigned char)*p->at);
        code = code * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return code;
}

// The escape sequence after a backslash, as UTF-8; returns the number of bytes written to out, 0 on error.
static int parse_escape(Parser *p, char out[4])
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *simple = p->at < p->end && *p->at ? strchr(from, *p->at) : NULL;
    if (simple) {
        p->at++;
        out[0] = to[simple - from];
        return 1;
    }
    if (p->at >= p->end || *p->at != 'u') return expected(p, "an escape sequence of JSON"), 0;
    p->at++;
    int32_t code = parse_hex4(p);
    if (code >= 0xD800 && code < 0xDC00) { // high surrogate: a low one must follow
        int32_t low = -1;
        if (p->end - p->at > 1 && p->at[0] == '\\' && p->at[1] == 'u') {
            p->at += 2;
            low = parse_hex4(p);
        }
        code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xD800;
    }
    if (code >= 0xD800 && code < 0xE000)
        fail(p->error, "%s:%d: lone surrogate in a string", p->file, p->line);
    if (code == 0) fail(p->error, "%s:%d: \\u0000 in a string", p->file, p->line);
    return p->error->set ? 0 : utf8_encode(out, (uint32_t)code);
}

// A string, decoded and 0-terminated. NULL on error.
static const char *parse_string(Parser *p)
{
    if (!take(p, '"')) return expected(p, "a string"), NULL;
    const char *closing = p->at; // decoding never makes a string longer
    while (closing < p->end && *closing != '"') closing += *closing == '\\' && closing + 1 < p->end ? 2 : 1;
    char *text = arena_alloc(p->arena, closing - p->at + 1, 1), *out = text;
    for (;;) {
        if (p->at >= p->end) return expected(p, "the end of a string"), NULL;
        if ((unsigned char)*p->at < 0x20) return expected(p, "no control character in a string"), NULL;
        if (*p->at == '"') break;
        if (*p->at != '\\') {
            *out++ = *p->at++;
            continue;
        }
        p->at++;
        char bytes[4];
        int n = parse_escape(p, bytes);
        if (!n) return NULL;
        memcpy(out, bytes, n);
        out += n;
    }
    p->at++;
    *out = 0;
    return text;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp((*(Json *const *)a)->key, (*(Json *const *)b)->key);
}

// Equal keys in file order.
static int compare_members(const void *a, const void *b)
{
    const int order = compare_keys(a, b);
    return order ? order : (*(Json *const *)a)->place - (*(Json *const *)b)->place;
}

// Sort the members by key. Of those with equal keys, which are then neighbours, only the last is kept.
static void index_members(Parser *p, Json *object)
{
    enum { DROPPED = -1 };
    int n = 0, n_kept = 0;
    Json **sorted = object->by_key = arena_alloc(p->arena, object->count, sizeof *object->by_key);
    for (Json *member = object->first; member; member = member->next) sorted[n++] = member;
    qsort(sorted, n, sizeof *sorted, compare_members);
    for (int i = 0; i < n; i++)
        if (i + 1 == n || compare_keys(&sorted[i], &sorted[i + 1])) sorted[n_kept++] = sorted[i];
        else if (!p->strict) sorted[i]->place = DROPPED;
        else
            fail(p->error, "%s:%d: the key \"%.100s\" occurs twice in one object", p->file,
                 sorted[i + 1]->line, sorted[i]->key);
    object->count = n_kept;
    for (Json **link = &object->first; *link;) {
        if ((*link)->place == DROPPED) *link = (*link)->next;
        else link = &(*link)->next;
    }
}

// An array or an object, beginning at its opening bracket.
static Json *parse_list(Parser *p, JsonKind kind)
{
    char close = kind == JSON_OBJECT ? '}' : ']';
    Json *list = node(p, kind), **link = &list->first;
    p->at++;
    if (++p->depth > MAX_DEPTH) fail(p->error, "%s:%d: nested deeper than %d", p->file, p->line, MAX_DEPTH);
    for (bool more = !take(p, close); more && !p->error->set; list->count++) {
        const char *key = kind == JSON_OBJECT ? parse_string(p) : NULL;
        if (key && !take(p, ':')) return expected(p, "':'");
        if (!p->error->set) *link = parse_value(p);
        if (p->error->set) return NULL;
        (*link)->key = key;
        (*link)->place = list->count;
        link = &(*link)->next;
        more = take(p, ',');
        if (!more && !take(p, close)) return expected(p, kind == JSON_OBJECT ? "',' or '}'" : "',' or ']'");
    }
    p->depth--;
    if (kind == JSON_OBJECT) index_members(p, list);
    return list;
}

static Json *parse_value(Parser *p)
{
    skip_space(p);
    const char c = p->at < p->end ? *p->at : 0;
    if (c == '-' || isdigit((unsigned char)c)) return parse_number(p);
    switch (c) {
    case '{': return parse_list(p, JSON_OBJECT);
    case '[': return parse_list(p, JSON_ARRAY);
    case 't': return parse_word(p, "true", JSON_TRUE);
    case 'f': return parse_word(p, "false", JSON_FALSE);
    case 'n': return parse_word(p, "null", JSON_NULL);
    case 'N': return parse_word(p, "NaN", JSON_NUMBER);
    case 'I': return parse_word(p, "Infinity", JSON_NUMBER);
    case '"': {
        Json *value = node(p, JSON_STRING);
        value->text = parse_string(p);
        return value;
    }
    default: return expected(p, "a JSON value");
    }
}

static const Json *parse(Arena *arena, const char *text, size_t length, const char *file, bool strict,
                         Error *error)
{
    Parser p = {arena, text, text + length, file, 1, 0, strict, error};
    if (error->set) return NULL;
    if (!utf8_valid(text, length)) return fail(error, "%s: not valid UTF-8", file), NULL;
    Json *value = parse_value(&p);
    skip_space(&p);
    if (!error->set && p.at < p.end) expected(&p, "the end of the file after one JSON value");
    return error->set ? NULL : value;
}

const Json *json_parse(Arena *arena, const char *text, size_t length, const char *file, Error *error)
{
    return parse(arena, text, length, file, true, error);
}

const Json *json_read(Arena *arena, const char *path, Error *error)
{
    if (error->set) return NULL;
    FILE *file = fopen(path, "rb");
    if (!file) return fail(error, "%s: cannot open: %s", path, strerror(errno)), NULL;
    char *text = NULL;
    size_t length = 0, capacity = 0;
    do {
        capacity = capacity ? 2 * capacity : 1 << 16;
        text = memory_resize(text, capacity, 1);
        length += fread(text + length, 1, capacity - length, file);
    } while (length == capacity);
    if (ferror(file)) fail(error, "%s: cannot read: %s", path, strerror(errno));
    fclose(file);
    const size_t mark = length > 2 && !memcmp(text, "\xEF\xBB\xBF", 3) ? 3 : 0; // byte order mark
    const Json *value = NULL;
    if (refuse_pointer(path, text, length, error))
        value = parse(arena, text + mark, length - mark, path, false, error);
    memory_resize(text, 0, 0);
    return value;
}

const Json *json_get(const Json *object, const char *key)
{
    if (!object || object->kind != JSON_OBJECT || !object->count) return NULL;
    Json wanted = {.key = key}, *pointer = &wanted;
    Json **found = bsearch(&pointer, object->by_key, object->count, sizeof *object->by_key, compare_keys);
    return found ? *found : NULL;
}
