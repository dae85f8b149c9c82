// SPDX-License-Identifier: MIT
// unicode.h -- properties of code points, as far as tokenizers need them (Unicode 17.0).
#ifndef UNICODE_H
#define UNICODE_H
#include <stdint.h>

// The code points of c in lower case, one or two; returns their number. Each for itself, as in the normalizer
// Lowercase of Hugging Face's tokenizers: a sigma at the end of a word is a sigma like others.
int unicode_lower_case(uint32_t c, uint32_t out[2]);

#endif
