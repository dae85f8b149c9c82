// SPDX-License-Identifier: MIT
// codec.c -- from the text on a command line to token ids, and back.
//
// Id mode and targets have the same form, words separated by spaces: read_words() splits them and calls
// read_number() or read_token() for each word. Sources in text mode go through encode() and the tokenizer.
// All ids are checked against the vocabulary here, so the forward pass can use them as indices.
#include "text/codec.h"
#include "text/utf8.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool codec_open(Codec *codec, Model *m, bool as_ids, Error *error)
{
    *codec = (Codec){.model = m, .as_ids = as_ids};
    if (as_ids) return true;
    const int vocab = m->config.source_vocab < m->config.vocab ? m->config.source_vocab : m->config.vocab;
    if (!tokenizer_load(&codec->tokenizer, &m->memory, m->directory, error)) return false;
    if (codec->tokenizer.n_tokens <= vocab) return true;
    return fail(error, "%s: expected ids below the model's vocabulary of %d, found %d", codec->tokenizer.file,
                vocab, codec->tokenizer.n_tokens - 1);
}

void codec_load_or_exit(Codec *codec, Model *m, const char *directory, bool as_ids)
{
    Error error = {0};
    if (model_load(m, directory, PANEL_WIDTH, &error)) codec_open(codec, m, as_ids, &error);
    if (error.set) exit(report(&error));
    const Tokenizer *t = &codec->tokenizer;
    if (t->truncation)
        fprintf(stderr, "note: %s: truncation to %d tokens is ignored\n", t->file, t->truncation);
}

// Words separated by spaces, each converted to an id in 0 .. vocab-1 by read(). out->ids has capacity for
// `extra` more ids. n words take at least 2 n - 1 characters, hence the size of the array.
static bool read_words(const Codec *codec, Arena *arena, const char *text, int extra, int vocab, Ids *out,
                       Error *error, bool (*read)(const Codec *, const char *, int, int *, Error *))
{
    char *copy = arena_text(arena, text, strlen(text)), *word = copy;
    out->ids = arena_alloc(arena, strlen(text) / 2 + 1 + extra, sizeof *out->ids);
    while (*(word += strspn(word, " "))) {
        char *end = word + strcspn(word, " ");
        const bool last = !*end;
        *end = 0;
        if (!read(codec, word, vocab, &out->ids[out->n++], error)) return false;
        word = end + !last;
    }
    return true;
}

static bool read_number(const Codec *codec, const char *word, int vocab, int *id, Error *error)
{
    (void)codec;
    errno = 0;
    const long number = strtol(word, NULL, 10);
    if (word[strspn(word, "0123456789")] || errno || number >= vocab)
        return fail(error, "expected token ids from 0 to %d, found \"%.40s\"", vocab - 1, word);
    *id = (int)number;
    return true;
}

// vocab is not needed: codec_open() has checked all ids of the tokenizer.
static bool read_token(const Codec *codec, const char *word, int vocab, int *id, Error *error)
{
    (void)vocab;
    *id = tokenizer_id(&codec->tokenizer, word);
    return *id >= 0 || fail(error, "expected tokens of %s, found \"%.40s\"", codec->tokenizer.file, word);
}

// "x", "y" are not in the vocabulary; and what follows from that. Control characters, which a terminal would
// obey, as U+001B.
static const char *unknown_sentence(Arena *arena, const Unknown *unknown, const char *consequence)
{
    enum { MAX_NAMED = MAX_UNKNOWN - 1 };
    char sentence[200] = "";
    size_t n = 0;
    for (int i = 0; i < unknown->n && i < MAX_NAMED; i++) {
        const uint32_t c = unknown->code_points[i];
        const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        char shown[9] = {0};
        if (is_control) snprintf(shown, sizeof shown, "U+%04X", (unsigned)c);
        else utf8_encode(shown, c);
        n += snprintf(sentence + n, sizeof sentence - n, is_control ? "%s%s" : "%s\"%s\"", i ? ", " : "",
                      shown);
    }
    n += snprintf(sentence + n, sizeof sentence - n, "%s %s not in the vocabulary%s",
                  unknown->n > MAX_NAMED ? " and others" : "", unknown->n > 1 ? "are" : "is", consequence);
    return arena_text(arena, sentence, n);
}

// Text mode: tokens of a text with the special tokens of the template.
static bool encode(const Codec *codec, Arena *arena, const char *text, Ids *out, const char **note,
                   Error *error)
{
    const Tokenizer *t = &codec->tokenizer;
    if (!utf8_valid(text, strlen(text))) return fail(error, "not valid UTF-8");
    out->ids = arena_alloc(arena, strlen(text) + 1 + t->n_prefix + t->n_suffix, sizeof *out->ids);
    if (*text) {
        Unknown unknown;
        out->n = tokenizer_encode(t, out->ids, text, &unknown);
        if (!unknown.n) return true;
        if (t->unknown < 0) return fail(error, "%s", unknown_sentence(arena, &unknown, ", nor is unk_token"));
        *note = unknown_sentence(arena, &unknown, ": the result is unreliable");
        return true;
    }
    if (codec->model->config.has_encoder) return fail(error, "the text is empty");
    if (codec->model->ids.bos < 0) return fail(error, "the text is empty, and the model has no bos token");
    out->ids[out->n++] = codec->model->ids.bos;
    return true;
}

bool codec_source(const Codec *codec, Arena *arena, const char *text, Ids *out, const char **note,
                  Error *error)
{
    const Config *c = &codec->model->config;
    *out = (Ids){0};
    *note = NULL;
    if (codec->as_ids ? !read_words(codec, arena, text, 0, c->source_vocab, out, error, read_number)
                      : !encode(codec, arena, text, out, note, error))
        return false;
    if (!out->n) return fail(error, "expected token ids, found none");
    if (c->max_positions && out->n > c->max_positions)
        return fail(error, "%d tokens are more than the model's %d positions", out->n, c->max_positions);
    return true;
}

bool codec_target(const Codec *codec, Arena *arena, const char *text, Ids *out, Error *error)
{
    const Model *m = codec->model;
    *out = (Ids){0};
    if (!read_words(codec, arena, text, 1, m->config.vocab, out, error,
                    codec->as_ids ? read_number : read_token))
        return false;
    if (!codec->as_ids && m->ids.eos.n) out->ids[out->n++] = m->ids.eos.ids[0];
    return out->n > 0 || fail(error, "expected target tokens, found none");
}

const char *codec_label(const Codec *codec, Arena *arena, int id)
{
    char digits[16];
    if (!codec->as_ids) return tokenizer_token(&codec->tokenizer, id);
    int n = snprintf(digits, sizeof digits, "%d", id);
    return arena_text(arena, digits, n);
}

bool codec_shown(const Codec *codec, int id)
{
    return codec->as_ids || !tokenizer_special(&codec->tokenizer, id);
}
