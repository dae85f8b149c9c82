// SPDX-License-Identifier: MIT
// codec.h -- from what a user types to token ids, and back.
//
// Two modes. Text: a source goes through the model directory's tokenizer, a target is tokens separated by spaces.
// Ids (--ids): sources and targets are numbers separated by spaces and used as they are; no tokenizer is needed.
#ifndef CODEC_H
#define CODEC_H
#include "model/model.h"
#include "text/tokenizer.h"

typedef struct {
    const Model *model;
    bool as_ids;
    Tokenizer tokenizer; // empty if as_ids
} Codec;

typedef struct {
    int *ids, n;   // in the arena that was passed
    int n_unknown; // characters that became the unknown token
} Ids;

// For a loaded model: reads its directory's tokenizer unless as_ids.
bool codec_open(Codec *codec, Model *model, bool as_ids, Error *error);
// Load the model as well; after an error nothing is left behind.
bool codec_load(Codec *codec, Model *model, const char *directory, bool as_ids, Error *error);

// What the model reads: the encoder's input, or the prompt of a decoder-only model (for an empty text its bos token
// alone). False, with a message without a place, if the text is empty, not ids, or longer than the model's positions.
bool codec_source(const Codec *codec, Arena *arena, const char *text, Ids *out, Error *error);
// What it shall write: tokens of the vocabulary and, unless as_ids, the end token.
bool codec_target(const Codec *codec, Arena *arena, const char *text, Ids *out, Error *error);

// A token as a table shows it: its text, or its id as digits. (Copied to the arena.)
const char *codec_label(const Codec *codec, Arena *arena, int id);
// Whether a result shows it: all ids, but of texts no special tokens.
bool codec_shown(const Codec *codec, int id);

#endif
