// SPDX-License-Identifier: MIT
// utf8.c -- UTF-8 (RFC 3629). A code point of n bytes:
//
//   n = 1   0xxxxxxx
//   n = 2   110xxxxx 10xxxxxx
//   n = 3   1110xxxx 10xxxxxx 10xxxxxx
//   n = 4   11110xxx 10xxxxxx 10xxxxxx 10xxxxxx
// Each code point has one encoding, the shortest; longer (overlong) ones are invalid.
#include "text/utf8.h"

int utf8_length(const char *text)
{
    unsigned char c = (unsigned char)*text;
    return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

// n = 0: 0x80 .. 0xC1 and 0xF5 .. 0xFF are not valid as a first byte.
bool utf8_valid(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        int n = s[i] < 0x80 ? 1 : s[i] < 0xC2 ? 0 : s[i] < 0xE0 ? 2 : s[i] < 0xF0 ? 3 : s[i] < 0xF5 ? 4 : 0;
        if (!n || i + n > length) return false;
        uint32_t code_point = n == 1 ? s[i] : s[i] & (0x7F >> n);
        for (int k = 1; k < n; k++) {
            if ((s[i + k] & 0xC0) != 0x80) return false;
            code_point = code_point << 6 | (s[i + k] & 0x3F);
        }
        if ((n == 3 && code_point < 0x800) || (n == 4 && code_point < 0x10000)) return false; // overlong
        if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) return false;
        i += n;
    }
    return true;
}

uint32_t utf8_decode(const char *text)
{
    const int n = utf8_length(text);
    uint32_t code_point = (unsigned char)*text & (n == 1 ? 0x7F : 0x7F >> n);
    for (int k = 1; k < n; k++) code_point = code_point << 6 | ((unsigned char)text[k] & 0x3F);
    return code_point;
}

int utf8_encode(char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int k = n - 1; k > 0; k--, c >>= 6) out[k] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00 >> n & 0xFF) | c);
    return n;
}
