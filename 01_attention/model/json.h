// SPDX-License-Identifier: MIT
// json.h -- a strict JSON reader (RFC 8259): a text becomes a tree of Json nodes in an arena.
//
// Stricter than most: a key that occurs twice in one object is an error, and so are \u0000, lone surrogates,
// raw control characters in strings, invalid UTF-8, and nesting deeper than 128. Numbers stay text until
// somebody asks for a kind of number, so 64-bit integers lose nothing.
#ifndef JSON_H
#define JSON_H
#include "model/error.h"
#include "tensor/memory.h"
#include <stdint.h>

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

typedef struct Json {
    JsonKind kind;
    int line;                  // where it begins in the file, from 1
    const char *key;           // its name, where it is a member of an object
    const char *text;          // of a string (decoded) or a number (as written), 0-terminated
    int count;                 // of the elements or members
    struct Json *first, *next; // elements or members in file order: first child, next sibling
    struct Json **by_key;      // (count) the members of an object, sorted by key
} Json;

// Parse length bytes; `file` is named in messages. NULL on error.
const Json *json_parse(Arena *arena, const char *text, size_t length, const char *file, Error *error);
// Read and parse a whole file. NULL on error; a missing file is an error too.
const Json *json_read(Arena *arena, const char *path, Error *error);

const Json *json_get(const Json *object, const char *key); // NULL if not an object or without this key
bool json_uint64(const Json *value, uint64_t *out);        // digits only, no sign, fraction or exponent
bool json_int(const Json *value, int *out);                // as above with an optional minus, within int
bool json_double(const Json *value, double *out);          // within double
const char *json_describe(const Json *value,
                          char out[80]); // "the string \"abc\"", "12", "an array": for messages

#endif
