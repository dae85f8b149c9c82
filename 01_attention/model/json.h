// SPDX-License-Identifier: MIT
// json.h -- a JSON reader (RFC 8259): a text becomes a tree of Json nodes in an arena.
//
// Errors, beyond the grammar: a key that occurs twice in one object, \u0000, lone surrogates, raw control
// characters in strings, invalid UTF-8, and nesting deeper than 128. A number is kept as text and converted
// when it is read as one of the types below, so 64-bit integers are exact.
// Files are often written by Python. So json_read() also accepts what its reader accepts: the numbers NaN,
// Infinity and -Infinity (none of the types below), and a key that occurs twice, of which the last counts. A
// byte order mark at the beginning of a file is skipped.
// A node of an object or array points to its first child, each child to its next sibling.
#ifndef JSON_H
#define JSON_H
#include "model/error.h"
#include "tensor/memory.h"
#include <stdint.h>

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

typedef struct Json {
    JsonKind kind;
    int line;                  // on which it begins, from 1
    const char *key;           // of a member of an object, else NULL
    const char *text;          // a string (decoded) or a number (as written), 0-terminated
    int count;                 // number of elements or members
    int place;                 // among the elements or members, from 0
    struct Json *first, *next; // first child, next sibling; in file order
    struct Json **by_key;      // (count) the members of an object, sorted by key
} Json;

// Parse `length` bytes, strictly; `file` is the name for messages. NULL with a message on failure.
const Json *json_parse(Arena *arena, const char *text, size_t length, const char *file, Error *error);
// Read and parse a file. NULL with a message on failure; a missing file is a failure.
const Json *json_read(Arena *arena, const char *path, Error *error);

// The functions below accept NULL for a value that is missing. Those with `out` return false, without a
// message, if the value is not a number of this kind.
const Json *json_get(const Json *object, const char *key); // NULL if not an object or without this key
bool json_uint64(const Json *value, uint64_t *out);        // digits only: no sign, fraction or exponent
bool json_int(const Json *value, int *out);                // the same with an optional minus sign, within int
bool json_double(const Json *value, double *out);          // any number within double
// For messages, in `out`: "abc" in quotes for a string, 12 for a number, an array, nothing.
const char *json_describe(const Json *value, char out[80]);

#endif
