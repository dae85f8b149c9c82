// SPDX-License-Identifier: MIT
// tokenizer.h -- text to token ids and back, for the kind of tokenizer.json that the models in data/ have:
// every character is one token, looked up in a vocabulary.
//
// Sections of the file (github.com/huggingface/tokenizers) that are read:
//   normalizer      Lowercase, or null: texts stay as they are
//   pre_tokenizer   Split on the regex ".", Isolated: every code point is a piece
//   model           WordLevel: piece -> id, or the id of unk_token
//   post_processor  TemplateProcessing: `single` adds special tokens before and after the text; null: none
//   added_tokens    which tokens are special
// Padding and truncation are not used. Anything else in the file is an error that names it.
#ifndef TOKENIZER_H
#define TOKENIZER_H
#include "model/error.h"
#include "tensor/memory.h"
#include <stdint.h>

typedef struct {
    const char *file;
    int n_tokens;            // ids are 0 .. n_tokens-1
    const char **token;      // (n_tokens) by id; NULL for an id without a token
    bool *special;           // (n_tokens) special tokens such as </s>, not printed in results
    int *by_name, n_by_name; // ids sorted by token
    int unknown;             // id of unk_token, -1 if it is not in the vocabulary
    bool lower_case;         // texts are mapped to lower case
    int truncation;          // stored, but not used: a text has at most so many tokens; 0: none
    int *prefix, n_prefix;   // ids that the template adds before the text ...
    int *suffix, n_suffix;   // ... and after it
} Tokenizer;

// Read directory/tokenizer.json into the arena. False with a message on failure.
bool tokenizer_load(Tokenizer *tokenizer, Arena *arena, const char *directory, Error *error);

// The id of a token with exactly this text, -1 if there is none.
int tokenizer_id(const Tokenizer *tokenizer, const char *piece);

enum { MAX_UNKNOWN = 6 };

typedef struct {
    uint32_t code_points[MAX_UNKNOWN]; // in lower case, each once: those of a text that the vocabulary lacks
    int n;                             // if that is MAX_UNKNOWN, there may be more
} Unknown;

// The ids of a text (valid UTF-8) with prefix and suffix, into ids (at most one per byte + n_prefix +
// n_suffix); returns their number.
int tokenizer_encode(const Tokenizer *tokenizer, int *ids, const char *text, Unknown *unknown);

const char *tokenizer_token(const Tokenizer *tokenizer, int id); // "" for an id without a token
bool tokenizer_special(const Tokenizer *tokenizer, int id);

#endif
