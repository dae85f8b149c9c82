// SPDX-License-Identifier: MIT
// settings.h -- reading named values out of a JSON object, such that a list of reads looks like a table.
//
// Every function names the file, the key, what was expected and what was found in the sticky error, and then
// returns a harmless value. A key whose value is null counts as absent.
#ifndef SETTINGS_H
#define SETTINGS_H
#include "model/json.h"

typedef struct {
    const Json *object; // NULL reads like {}
    const char *file;   // for messages
    Error *error;
} Settings;

// A whole file, which must hold an object.
Settings settings_read(Arena *arena, const char *path, Error *error);

const Json *setting(const Settings *s, const char *key);                  // NULL if absent or null
int setting_int(const Settings *s, const char *key, int least, int most); // required
int setting_int_or(const Settings *s, const char *key, int absent, int least, int most);
float setting_real_or(const Settings *s, const char *key, float absent); // any number within float
bool setting_bool(const Settings *s, const char *key);                   // required
bool setting_bool_or(const Settings *s, const char *key, bool absent);
const char *setting_text(const Settings *s, const char *key); // required
const char *setting_text_or(const Settings *s, const char *key, const char *absent);
void setting_expect(const Settings *s, const char *key, bool only); // an error if present and not this

// A token id or an array of them into ids (room); returns how many, 0 if absent. Each must be in 0..vocab-1.
int setting_ids(const Settings *s, const char *key, int *ids, int room, int vocab);
// The same for a value somewhere below that key.
int setting_ids_of(const Settings *s, const char *key, const Json *value, int *ids, int room, int vocab);

#endif
