// SPDX-License-Identifier: MIT
// settings.c -- typed reads with one form of message: FILE:LINE: key "KEY": expected ..., found ...
//
// Each function looks up the key, accepts the value if type and limits are right, and else calls wrong(),
// which builds the message. The functions with _or only add a test for absence.
#include "model/settings.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Settings settings_read(Arena *arena, const char *path, Error *error)
{
    char found[80];
    const Json *object = json_read(arena, path, error);
    if (object && object->kind != JSON_OBJECT)
        fail(error, "%s: expected an object, found %s", path, json_describe(object, found));
    return (Settings){object, path, error};
}

const Json *setting(const Settings *s, const char *key)
{
    char name[100];
    for (size_t n; *key; key += n + (key[n] == '|')) {
        n = strcspn(key, "|");
        snprintf(name, sizeof name, "%.*s", (int)n, key);
        const Json *value = json_get(s->object, name);
        if (value && value->kind != JSON_NULL) return value;
    }
    return NULL;
}

// A message about a value that is missing (NULL) or wrong; always returns false.
static bool wrong(const Settings *s, const char *key, const Json *value, const char *expected)
{
    char found[80];
    if (!value) {
        const char *last = strrchr(key, '|');
        return fail(s->error, "%s: key \"%s\": expected %s, but it is missing", s->file,
                    last ? last + 1 : key, expected);
    }
    return fail(s->error, "%s:%d: key \"%s\": expected %s, found %s", s->file, value->line,
                value->key ? value->key : key, expected, json_describe(value, found));
}

bool setting_wrong(const Settings *s, const char *key, const char *expected)
{
    return wrong(s, key, setting(s, key), expected);
}

int setting_int(const Settings *s, const char *key, int min, int max)
{
    int number;
    char expected[80];
    const Json *value = setting(s, key);
    if (value && json_int(value, &number) && number >= min && number <= max) return number;
    snprintf(expected, sizeof expected, "a whole number from %d to %d", min, max);
    wrong(s, key, value, expected);
    return min;
}

int setting_int_or(const Settings *s, const char *key, int absent, int min, int max)
{
    return setting(s, key) ? setting_int(s, key, min, max) : absent;
}

float setting_real_or(const Settings *s, const char *key, float absent)
{
    double number;
    const Json *value = setting(s, key);
    if (!value) return absent;
    if (!json_double(value, &number) || fabs(number) > FLT_MAX)
        return wrong(s, key, value, "a number"), absent;
    return (float)number;
}

bool setting_bool(const Settings *s, const char *key)
{
    const Json *value = setting(s, key);
    if (!value || (value->kind != JSON_TRUE && value->kind != JSON_FALSE))
        wrong(s, key, value, "true or false");
    return value && value->kind == JSON_TRUE;
}

bool setting_bool_or(const Settings *s, const char *key, bool absent)
{
    return setting(s, key) ? setting_bool(s, key) : absent;
}

const char *setting_text(const Settings *s, const char *key)
{
    const Json *value = setting(s, key);
    if (value && value->kind == JSON_STRING) return value->text;
    wrong(s, key, value, "a string");
    return "";
}

const char *setting_text_or(const Settings *s, const char *key, const char *absent)
{
    return setting(s, key) ? setting_text(s, key) : absent;
}

void setting_expect(const Settings *s, const char *key, bool only)
{
    const Json *value = setting(s, key);
    if (value && value->kind != (only ? JSON_TRUE : JSON_FALSE))
        wrong(s, key, value, only ? "true (nothing else is supported)" : "false (nothing else is supported)");
}

Ids setting_ids(const Settings *s, const char *key, Arena *arena)
{
    return setting_ids_of(s, key, setting(s, key), arena);
}

// One loop for both forms: a single id is treated like an array of one.
Ids setting_ids_of(const Settings *s, const char *key, const Json *value, Arena *arena)
{
    const bool is_array = value && value->kind == JSON_ARRAY;
    Ids out = {arena_alloc(arena, is_array ? value->count + 1 : 1, sizeof *out.ids), 0};
    for (const Json *item = is_array ? value->first : value; item; item = is_array ? item->next : NULL) {
        if (item->kind != JSON_NUMBER || strpbrk(item->text, ".eE"))
            return wrong(s, key, item, "a token id, or an array of them"), (Ids){0};
        if (!json_int(item, &out.ids[out.n])) out.ids[out.n] = -1;
        out.n++;
    }
    return out;
}
