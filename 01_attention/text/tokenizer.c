// SPDX-License-Identifier: MIT
// tokenizer.c -- reads tokenizer.json section by section, and encodes texts.
//
// check_pipeline() refuses every key, type and option that would change the result and is not supported here;
// read_vocabulary() fills the tables from id to token and from token to id; read_template() finds the special
// tokens before and after a text. The tables point into the JSON tree, which is in the same arena.
// From token to id is a binary search in the ids sorted by token.
#include "text/tokenizer.h"
#include "model/files.h"
#include "model/json.h"
#include "model/settings.h"
#include "text/unicode.h"
#include "text/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The section `name` of the file, which must have this "type". A Sequence of one is that one.
static Settings section(const Settings *file, const char *name, const char *type)
{
    Settings s = *file;
    s.object = json_get(file->object, name);
    const char *found = setting_text_or(&s, "type", "nothing");
    if (!strcmp(found, "Sequence"))
        for (const Json *list = s.object->first; list; list = list->next)
            if (list->kind == JSON_ARRAY && list->count == 1) s.object = list->first;
    found = setting_text_or(&s, "type", "nothing");
    if (strcmp(found, type))
        fail(file->error, "%s: %s: expected type %s (for any other use --ids), found %s", file->file, name,
             type, found);
    return s;
}

// An error if the key is not this string; an absent key counts as "".
static void expect_text(const Settings *s, const char *where, const char *key, const char *only)
{
    const char *found = setting_text_or(s, key, "");
    if (strcmp(found, only))
        fail(s->error, "%s: %s: %s: expected \"%s\" (for any other use --ids), found \"%s\"", s->file, where,
             key, only, found);
}

// Everything except vocabulary and template: supported, or null, or an error. As in transformers, padding and
// truncation are only used where somebody asks for them.
static void check_pipeline(Tokenizer *t, const Settings *file)
{
    static const char *const known[] = {"version",        "truncation", "padding",
                                        "added_tokens",   "normalizer", "pre_tokenizer",
                                        "post_processor", "decoder",    "model"};
    for (const Json *entry = file->object ? file->object->first : NULL; entry; entry = entry->next) {
        size_t i = 0, n = sizeof known / sizeof *known;
        while (i < n && strcmp(known[i], entry->key)) i++;
        if (i == n) fail(file->error, "%s:%d: unknown key \"%s\"", file->file, entry->line, entry->key);
    }
    section(file, "model", "WordLevel");
    if (setting(file, "decoder"))
        fail(file->error, "%s: decoder: only null is supported (for any other use --ids)", file->file);
    const Settings truncation = {setting(file, "truncation"), file->file, file->error};
    if (truncation.object) t->truncation = setting_int(&truncation, "max_length", 0, 1 << 30);
    if (setting(file, "normalizer")) section(file, "normalizer", "Lowercase");
    t->lower_case = setting(file, "normalizer");
    Settings split = section(file, "pre_tokenizer", "Split"), pattern = split;
    pattern.object = json_get(split.object, "pattern");
    expect_text(&pattern, "pre_tokenizer", "Regex", ".");
    expect_text(&split, "pre_tokenizer", "behavior", "Isolated");
    setting_expect(&split, "invert", false);
}

// Ids and tokens must be unique in both directions; the same pair may occur twice (vocabulary and added
// tokens).
static bool add_token(Tokenizer *t, const Settings *s, const char *token, const Json *id, int capacity)
{
    int number;
    char found[80];
    if (!json_int(id, &number) || number < 0 || number >= capacity)
        return fail(s->error, "%s: token \"%s\": expected an id from 0 to %d, found %s", s->file, token,
                    capacity - 1, json_describe(id, found));
    if (t->token[number] && strcmp(t->token[number], token))
        return fail(s->error, "%s: id %d belongs to \"%s\" and to \"%s\"", s->file, number, t->token[number],
                    token);
    t->token[number] = token;
    if (number >= t->n_tokens) t->n_tokens = number + 1;
    return true;
}

static int by_token(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The vocabulary of the model and the added tokens, by id and by token.
static void read_vocabulary(Tokenizer *t, const Settings *file, Arena *arena)
{
    Settings model = section(file, "model", "WordLevel");
    const Json *vocab = json_get(model.object, "vocab"), *added = json_get(file->object, "added_tokens");
    if (!vocab || vocab->kind != JSON_OBJECT)
        fail(file->error, "%s: model: vocab: expected an object", file->file);
    if (added && added->kind != JSON_ARRAY)
        fail(file->error, "%s: added_tokens: expected an array", file->file);
    if (file->error->set) return;
    int capacity = vocab->count + (added ? added->count : 0); // more than that: ids may have gaps
    capacity = 2 * capacity + 1024;
    t->token = arena_alloc(arena, capacity, sizeof *t->token);
    t->special = arena_alloc(arena, capacity, sizeof *t->special);
    for (int i = 0; i < capacity; i++) {
        t->token[i] = NULL;
        t->special[i] = false;
    }
    for (const Json *entry = vocab->first; entry; entry = entry->next)
        if (!add_token(t, file, entry->key, entry, capacity)) return;
    for (const Json *entry = added ? added->first : NULL; entry; entry = entry->next) {
        Settings token = {entry, file->file, file->error};
        const char *content = setting_text(&token, "content");
        if (file->error->set || !add_token(t, file, content, json_get(entry, "id"), capacity)) return;
        t->special[setting_int(&token, "id", 0, capacity - 1)] = setting_bool_or(&token, "special", false);
    }
    struct {
        const char *token;
        int id;
    } *sorted = arena_alloc(arena, t->n_tokens, sizeof *sorted);
    for (int id = 0; id < t->n_tokens; id++)
        if (t->token[id]) {
            sorted[t->n_by_name].token = t->token[id];
            sorted[t->n_by_name++].id = id;
        }
    qsort(sorted, t->n_by_name, sizeof *sorted, by_token);
    t->by_name = arena_alloc(arena, t->n_by_name, sizeof *t->by_name);
    for (int i = 0; i < t->n_by_name; i++) {
        t->by_name[i] = sorted[i].id;
        if (i && !strcmp(sorted[i - 1].token, sorted[i].token))
            fail(file->error, "%s: token \"%s\" has two ids, %d and %d", file->file, sorted[i].token,
                 sorted[i - 1].id, sorted[i].id);
    }
    t->unknown = tokenizer_id(t, setting_text(&model, "unk_token"));
}

enum { MAX_ADDED = 64 }; // before a text, or after it

// Append the ids of a special token of the template.
static void add_special(Tokenizer *t, const Settings *file, const Json *token, const char *name, bool behind,
                        Arena *arena)
{
    const Settings s = {token, file->file, file->error};
    const Ids added = setting_ids(&s, "ids", arena);
    int *n = behind ? &t->n_suffix : &t->n_prefix;
    if (!added.n || *n + added.n > MAX_ADDED)
        fail(file->error, "%s: post_processor: special token \"%s\" has no ids, or too many", file->file,
             name);
    for (int i = 0; i < added.n && !file->error->set; i++) {
        if (added.ids[i] < 0 || added.ids[i] >= t->n_tokens)
            fail(file->error, "%s: post_processor: special token \"%s\": expected ids from 0 to %d, found %d",
                 file->file, name, t->n_tokens - 1, added.ids[i]);
        (behind ? t->suffix : t->prefix)[(*n)++] = added.ids[i];
    }
}

// TemplateProcessing, `single`: special tokens, the text ("Sequence" A) once, special tokens. null: the text.
static void read_template(Tokenizer *t, const Settings *file, Arena *arena)
{
    if (!setting(file, "post_processor")) return;
    Settings post = section(file, "post_processor", "TemplateProcessing");
    const Json *single = json_get(post.object, "single"), *tokens = json_get(post.object, "special_tokens");
    if (!single || single->kind != JSON_ARRAY)
        fail(file->error, "%s: post_processor: single: expected an array", file->file);
    if (file->error->set) return;
    bool behind = false;
    t->prefix = arena_alloc(arena, MAX_ADDED, sizeof *t->prefix);
    t->suffix = arena_alloc(arena, MAX_ADDED, sizeof *t->suffix);
    for (const Json *piece = single->first; piece; piece = piece->next) {
        const Settings text = {json_get(piece, "Sequence"), file->file, file->error};
        const Settings special = {json_get(piece, "SpecialToken"), file->file, file->error};
        const char *name = setting_text_or(text.object ? &text : &special, "id", "");
        if (text.object) {
            if (behind || strcmp(name, "A"))
                fail(file->error, "%s: post_processor: single: expected Sequence A, the text, once",
                     file->file);
            behind = true;
            continue;
        }
        add_special(t, file, json_get(tokens, name), name, behind, arena);
    }
    if (!behind) fail(file->error, "%s: post_processor: single: the text does not occur", file->file);
}

bool tokenizer_load(Tokenizer *t, Arena *arena, const char *directory, Error *error)
{
    const char *path = path_of(arena, directory, "tokenizer.json");
    *t = (Tokenizer){.file = path};
    if (!file_exists(path)) return fail(error, "%s: cannot open it (without a tokenizer use --ids)", path);
    const Settings file = settings_read(arena, path, error);
    if (!error->set) check_pipeline(t, &file);
    if (!error->set) read_vocabulary(t, &file, arena);
    if (!error->set) read_template(t, &file, arena);
    return !error->set;
}

int tokenizer_id(const Tokenizer *t, const char *piece)
{
    for (int low = 0, high = t->n_by_name; low < high;) {
        int middle = (low + high) / 2, order = strcmp(piece, t->token[t->by_name[middle]]);
        if (!order) return t->by_name[middle];
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return -1;
}

static void add_unknown(Unknown *unknown, uint32_t code_point)
{
    int i = 0;
    while (i < unknown->n && unknown->code_points[i] != code_point) i++;
    if (i == MAX_UNKNOWN) return;
    unknown->code_points[i] = code_point;
    if (i == unknown->n) unknown->n++;
}

// A piece is one code point, in lower case.
int tokenizer_encode(const Tokenizer *t, int *ids, const char *text, Unknown *unknown)
{
    int n = 0;
    unknown->n = 0;
    for (int i = 0; i < t->n_prefix; i++) ids[n++] = t->prefix[i];
    for (; *text; text += utf8_length(text)) {
        uint32_t code_points[2] = {utf8_decode(text)};
        const int n_pieces = t->lower_case ? unicode_lower_case(code_points[0], code_points) : 1;
        for (int i = 0; i < n_pieces; i++) {
            char piece[5] = {0};
            utf8_encode(piece, code_points[i]);
            const int id = tokenizer_id(t, piece);
            if (id < 0) add_unknown(unknown, code_points[i]);
            ids[n++] = id < 0 ? t->unknown : id;
        }
    }
    for (int i = 0; i < t->n_suffix; i++) ids[n++] = t->suffix[i];
    return n;
}

const char *tokenizer_token(const Tokenizer *t, int id)
{
    return id < t->n_tokens && t->token[id] ? t->token[id] : "";
}

bool tokenizer_special(const Tokenizer *t, int id) { return id < t->n_tokens && t->special[id]; }
