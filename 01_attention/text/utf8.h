// SPDX-License-Identifier: MIT
// utf8.h -- UTF-8 (RFC 3629): check a text, step through its code points, encode one.
//
// All input is checked with utf8_valid() once; the other functions rely on that.
#ifndef UTF8_H
#define UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_valid(const char *text, size_t length);  // false for overlong forms, surrogates, above U+10FFFF
int utf8_length(const char *text);                 // bytes of the code point at `text`
uint32_t utf8_decode(const char *text);            // the code point at `text`
int utf8_encode(char out[4], uint32_t code_point); // writes its bytes; returns their number, 1 to 4

#endif
