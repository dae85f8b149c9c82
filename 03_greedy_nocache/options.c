// SPDX-License-Identifier: MIT
// options.c -- one read per option; then what the command line asks for is laid over it.
#include "options.h"
#include "model/settings.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_NEW_TOKENS = 64, DEFAULT_BEAMS = 4, MANY = 1 << 24 };

Options options_unset(void)
{
    return (Options){.max_new_tokens = UNSET,
                     .min_new_tokens = UNSET,
                     .max_length = UNSET,
                     .min_length = UNSET,
                     .num_return_sequences = UNSET,
                     .repetition_penalty = UNSET_REAL,
                     .no_repeat_ngram_size = UNSET,
                     .temperature = UNSET_REAL,
                     .top_k = UNSET,
                     .top_p = UNSET_REAL,
                     .min_p = UNSET_REAL,
                     .num_beams = UNSET,
                     .length_penalty = UNSET_REAL,
                     .early_stopping = UNSET};
}

// One id or an array of ids, of any length; `value` is that of the key, or part of it.
static Ids read_ids_of(const Settings *s, const char *key, const Json *value, Arena *arena, int vocab)
{
    int capacity = value && value->kind == JSON_ARRAY ? value->count : 1;
    int *ids = arena_alloc(arena, capacity + 1, sizeof *ids);
    return (Ids){ids, setting_ids_of(s, key, value, ids, capacity, vocab)};
}

static Ids read_ids(const Settings *s, const char *key, Arena *arena, int vocab)
{
    return read_ids_of(s, key, setting(s, key), arena, vocab);
}

// A list of one id; an empty one for UNSET.
static Ids one_id(Arena *arena, int id)
{
    Ids list = {arena_alloc(arena, 1, sizeof *list.ids), id != UNSET};
    *list.ids = id;
    return list;
}

static void read_bad_words(Options *o, const Settings *s, Arena *arena)
{
    static const char key[] = "bad_words_ids";
    const Json *lists = setting(s, key);
    char found[80];
    if (!lists) return;
    if (lists->kind != JSON_ARRAY)
        fail(s->error, "%s:%d: key \"%s\": expected an array, found %s", s->file, lists->line, key,
             json_describe(lists, found));
    Ids *words = arena_alloc(arena, lists->count + 1, sizeof *words);
    for (const Json *item = lists->first; item; item = item->next) {
        if (item->kind != JSON_ARRAY || !item->count)
            fail(s->error, "%s:%d: key \"%s\": expected arrays of token ids, found %s", s->file, item->line,
                 key, json_describe(item, found));
        Ids word = read_ids_of(s, key, item, arena, o->vocab);
        if (word.n > 1 || (word.n && !is_end(o->special, *word.ids)))
            words[o->n_bad_words++] = word; // the end token alone is never banned
    }
    o->bad_words = words;
}

static int read_early_stopping(const Settings *s)
{
    const Json *value = setting(s, "early_stopping");
    char found[80];
    if (!value || value->kind == JSON_FALSE) return EARLY_STOPPING_FALSE;
    if (value->kind == JSON_TRUE) return EARLY_STOPPING_TRUE;
    if (value->kind != JSON_STRING || strcmp(value->text, "never"))
        fail(s->error, "%s:%d: key \"early_stopping\": expected true, false or \"never\", found %s", s->file,
             value->line, json_describe(value, found));
    return EARLY_STOPPING_NEVER;
}

static double read_repetition_penalty(const Settings *s)
{
    static const char key[] = "repetition_penalty";
    const double penalty = setting_real_or(s, key, 1);
    if (!(penalty > 0))
        fail(s->error, "%s:%d: key \"%s\": expected a number above 0, found %g", s->file,
             setting(s, key)->line, key, penalty);
    return penalty;
}

// Options of generate() that are not implemented, with the value (as JSON) that changes nothing.
static void note_ignored(const Settings *s)
{
    static const struct {
        const char *key, *neutral;
        bool of_sampling; // without do_sample it means nothing
    } options[] = {
        {"do_sample", "false", false},
        {"num_beam_groups", "1", false},
        {"diversity_penalty", "0", false},
        {"penalty_alpha", "0", false},
        {"typical_p", "1", true},
        {"epsilon_cutoff", "0", false},
        {"eta_cutoff", "0", false},
        {"encoder_repetition_penalty", "1", false},
        {"encoder_no_repeat_ngram_size", "0", false},
        {"sequence_bias", "null", false},
        {"force_words_ids", "null", false},
        {"constraints", "null", false},
        {"renormalize_logits", "false", false},
        {"exponential_decay_length_penalty", "null", false},
        {"guidance_scale", "1", false},
        {"watermarking_config", "null", false},
        {"max_time", "null", false},
        {"stop_strings", "null", false},
        {"forced_decoder_ids", "null", false},
        {"prompt_lookup_num_tokens", "null", false},
        {"dola_layers", "null", false},
        {"token_healing", "false", false},
        {"temperature", "1", true},
        {"top_k", "50", true},
        {"top_p", "1", true},
        {"min_p", "0", true},
        {"num_return_sequences", "1", false},
        {"remove_invalid_values", "false", false},
    };
    const bool samples = setting_bool_or(s, "do_sample", false);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const Json *value = setting(s, options[i].key);
        double number, neutral = strtod(options[i].neutral, NULL);
        if (!value || (value->kind == JSON_FALSE && !strcmp(options[i].neutral, "false"))) continue;
        if (json_double(value, &number) && strcmp(options[i].neutral, "null") &&
            fabs(number - neutral) < 1e-9)
            continue;
        if (options[i].of_sampling && !samples) continue;
        char found[80];
        fprintf(stderr, "note: %s: %s %s is ignored\n", s->file, options[i].key, json_describe(value, found));
    }
}

static void read_stored(Options *o, Model *m, const Settings *s, bool whole)
{
    Arena *arena = &m->memory;
    o->max_new_tokens = setting_int_or(s, "max_new_tokens", UNSET, 1, MANY);
    o->min_new_tokens = setting_int_or(s, "min_new_tokens", UNSET, 0, MANY);
    o->max_length = setting_int_or(s, "max_length", UNSET, 1, MANY);
    o->min_length = setting_int_or(s, "min_length", UNSET, 0, MANY);
    o->repetition_penalty = read_repetition_penalty(s);
    o->no_repeat_ngram_size = setting_int_or(s, "no_repeat_ngram_size", 0, 0, MANY);
    read_bad_words(o, s, arena);
    o->forced_bos = one_id(arena, setting_int_or(s, "forced_bos_token_id", UNSET, 0, o->vocab - 1));
    o->forced_eos = read_ids(s, "forced_eos_token_id", arena, o->vocab);
    if (!whole && !json_get(s->object, "forced_eos_token_id"))
        o->forced_eos = one_id(arena, m->forced_eos_by_default);
    o->suppress = read_ids(s, "suppress_tokens", arena, o->vocab);
    o->begin_suppress = read_ids(s, "begin_suppress_tokens", arena, o->vocab);
    o->num_beams = setting_int_or(s, "num_beams", 1, 1, 1 << 12);
    o->length_penalty = setting_real_or(s, "length_penalty", 1);
    o->early_stopping = read_early_stopping(s);
}

static void overlay(Options *o, const Options *asked)
{
    if (asked->max_new_tokens != UNSET) o->max_new_tokens = asked->max_new_tokens;
    if (asked->min_new_tokens != UNSET) o->min_new_tokens = asked->min_new_tokens;
    if (asked->repetition_penalty > UNSET_REAL) o->repetition_penalty = asked->repetition_penalty;
    if (asked->no_repeat_ngram_size != UNSET) o->no_repeat_ngram_size = asked->no_repeat_ngram_size;
    if (asked->length_penalty > UNSET_REAL) o->length_penalty = asked->length_penalty;
    if (asked->early_stopping != UNSET) o->early_stopping = asked->early_stopping;
    if (asked->num_beams != UNSET) o->num_beams = asked->num_beams;
    else if (o->num_beams == 1) o->num_beams = DEFAULT_BEAMS;
    o->num_return_sequences = asked->num_return_sequences;
    o->temperature = asked->temperature > UNSET_REAL ? asked->temperature : 0;
    o->top_k = asked->top_k != UNSET ? asked->top_k : 0;
    o->top_p = asked->top_p > UNSET_REAL ? asked->top_p : 1;
    o->min_p = asked->min_p > UNSET_REAL ? asked->min_p : 0;
    o->seed = asked->seed;
}

bool options_resolve(Options *o, Model *m, const Options *asked, bool notes, Error *error)
{
    const bool whole = m->generation_json != NULL;
    const Settings stored = {whole ? m->generation_json : m->config_json,
                             whole ? m->generation_file : m->config_file, error};
    *o = options_unset();
    o->vocab = m->config.vocab;
    o->special = &m->ids;
    o->max_positions = m->config.max_positions;
    read_stored(o, m, &stored, whole);
    if (notes && !error->set) note_ignored(&stored);
    overlay(o, asked);
    return !error->set;
}

int within_positions(const Options *o, int max_length)
{
    return o->max_positions && max_length > o->max_positions + 1 ? o->max_positions + 1 : max_length;
}

bool options_max_length(const Options *o, int P, int *max_length, Error *error)
{
    if (o->max_new_tokens != UNSET) *max_length = P + o->max_new_tokens;
    else if (o->max_length != UNSET) *max_length = o->max_length;
    else *max_length = o->max_positions ? o->max_positions + 1 : P + DEFAULT_NEW_TOKENS;
    if (*max_length > P) return true;
    return fail(error, "a prompt of %d tokens leaves no room below the stored max_length of %d", P,
                *max_length);
}
