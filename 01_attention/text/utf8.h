// SPDX-License-Identifier: MIT
// utf8.h -- the little that is needed of UTF-8 (RFC 3629).
#ifndef UTF8_H
#define UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_valid(const char *text, size_t length);  // no overlong forms, no surrogates, nothing above U+10FFFF
int utf8_length(const char *text);                 // bytes of the code point at text, which is valid UTF-8
int utf8_encode(char out[4], uint32_t code_point); // writes its bytes; returns how many, 1 to 4

#endif
