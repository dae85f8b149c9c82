// SPDX-License-Identifier: MIT
// tokenizer.h -- text to token ids and back, for the kind of tokenizer.json that the models in data/ have:
// every character is one token, by a table.
//
// Read: added_tokens; normalizer Lowercase (ASCII letters); pre_tokenizer Split on the regex "." (isolated: every
// code point by itself); model WordLevel (piece -> id, else unk_token); post_processor TemplateProcessing (its
// `single` template puts special tokens around the text). Anything else in the file is an error that names it.
#ifndef TOKENIZER_H
#define TOKENIZER_H
#include "model/error.h"
#include "tensor/memory.h"

typedef struct {
    const char *file;
    int n_tokens;            // ids are 0 .. n_tokens-1
    const char **token;      // (n_tokens) by id; NULL where an id is not used
    bool *special;           // (n_tokens) markers such as </s>: not shown in results
    int *by_name, n_by_name; // ids sorted by token
    int unknown;             // the id of unk_token
    int *prefix, n_prefix;   // ids that the template puts before the text ...
    int *suffix, n_suffix;   // ... and after it
} Tokenizer;

bool tokenizer_load(Tokenizer *tokenizer, Arena *arena, const char *directory, Error *error);

// The id of a token written exactly like this, -1 if there is none.
int tokenizer_id(const Tokenizer *tokenizer, const char *piece);

// The ids of a text of valid UTF-8 in its template, into ids (length + n_prefix + n_suffix at most); returns how
// many. *n_unknown: how many code points were not in the vocabulary.
int tokenizer_encode(const Tokenizer *tokenizer, int *ids, const char *text, int *n_unknown);

const char *tokenizer_token(const Tokenizer *tokenizer, int id); // "" for an id that has none
bool tokenizer_special(const Tokenizer *tokenizer, int id);

#endif
