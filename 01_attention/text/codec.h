// SPDX-License-Identifier: MIT
// codec.h -- from the text on a command line to token ids, and back.
//
// Text mode: the tokenizer of the model directory encodes a source; a target is tokens separated by spaces.
// Id mode (--ids): source and target are token ids separated by spaces; no tokenizer is needed.
//
// A source is the encoder's input, or the prompt of a decoder-only model. A target (from stage 02) is an
// output that the model is asked about. Functions that fail return false with a message (without a line
// number, which only the caller knows).
#ifndef CODEC_H
#define CODEC_H
#include "model/model.h"
#include "text/tokenizer.h"

typedef struct {
    const Model *model;
    bool as_ids;
    Tokenizer tokenizer; // empty if as_ids
} Codec;

// For a loaded model: reads the tokenizer of its directory unless as_ids.
bool codec_open(Codec *codec, Model *model, bool as_ids, Error *error);
// Load the model, too. On failure prints the message and ends the program with status 1.
void codec_load_or_exit(Codec *codec, Model *model, const char *directory, bool as_ids);

// The ids of a source, in the arena. An empty text is the bos token alone for a decoder-only model, else an
// error. *note is NULL, or a sentence in the arena that names the characters that became the unknown token.
// False if the text is empty, not valid UTF-8, not ids in id mode, or longer than the model's positions.
bool codec_source(const Codec *codec, Arena *arena, const char *text, Ids *out, const char **note,
                  Error *error);
// From stage 02: the ids of a target, in the arena; unless as_ids with the end token appended.
bool codec_target(const Codec *codec, Arena *arena, const char *text, Ids *out, Error *error);

// The label of a token in a table: its text, or in id mode its digits (in the arena).
const char *codec_label(const Codec *codec, Arena *arena, int id);
// From stage 03: whether a token is printed as part of a result. Special tokens are only printed in id mode.
bool codec_shown(const Codec *codec, int id);

#endif
