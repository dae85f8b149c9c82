// SPDX-License-Identifier: MIT
// settings.h -- typed values of a JSON object by key, so that a sequence of reads looks like a table.
//
// On failure every function leaves a message in the sticky error (file, key, expected, found) and returns a
// value that is safe to use, so that the caller needs no check of its own.
// A key whose value is null counts as absent. setting_int(), _bool() and _text() require their key; the
// functions with _or return the argument `absent` if the key is absent.
// A setting may have several keys, "hidden_size|n_embd": the first of them that is present counts.
#ifndef SETTINGS_H
#define SETTINGS_H
#include "model/json.h"

typedef struct {
    const Json *object; // NULL is treated like {}
    const char *file;   // for messages
    Error *error;
} Settings;

// Read a file, which must contain one JSON object.
Settings settings_read(Arena *arena, const char *path, Error *error);

const Json *setting(const Settings *s, const char *key); // NULL if absent or null
int setting_int(const Settings *s, const char *key, int min, int max);
int setting_int_or(const Settings *s, const char *key, int absent, int min, int max);
float setting_real_or(const Settings *s, const char *key, float absent); // any finite float
bool setting_bool(const Settings *s, const char *key);
bool setting_bool_or(const Settings *s, const char *key, bool absent);
const char *setting_text(const Settings *s, const char *key);
const char *setting_text_or(const Settings *s, const char *key, const char *absent);
// For values that the functions above accept, but the caller does not: leaves the message, returns false.
bool setting_wrong(const Settings *s, const char *key, const char *expected);
void setting_expect(const Settings *s, const char *key, bool only); // error if present and not `only`

// A list of token ids.
typedef struct {
    int *ids, n;
} Ids;

// A token id or an array of them, in the arena; none if absent or on error. Any whole numbers: an id that is
// not in the vocabulary is one that never occurs. (Numbers too large for an int become -1.)
Ids setting_ids(const Settings *s, const char *key, Arena *arena);
// From stage 03: the same for a value inside the one of this key.
Ids setting_ids_of(const Settings *s, const char *key, const Json *value, Arena *arena);

#endif
