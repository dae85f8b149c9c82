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
        if (item->kind != JSON_ARRAY)
            fail(s->error, "%s:%d: key \"%s\": expected arrays of token ids, found %s", s->file, item->line,
                 key, json_describe(item, found));
        const Ids word = setting_ids_of(s, key, item, arena);
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

static void note(const Settings *s, const char *key, const char *why)
{
    char found[80];
    json_describe(setting(s, key), found);
    fprintf(stderr, "note: %s: %s %s is ignored%s\n", s->file, key, found, why);
}

// Every stored option that would change the result of what is asked for is either obeyed or named here.
static void note_ignored(const Settings *s, const Options *asked)
{
    const bool samples = asked->temperature > 0;
    const struct {
        const char *key, *neutral; // the value (as JSON) that changes nothing
        bool matters;
    } options[] = {
        {"num_beam_groups", "1", true},
        {"diversity_penalty", "0", true},
        {"penalty_alpha", "0", true},
        {"encoder_repetition_penalty", "1", true},
        {"encoder_no_repeat_ngram_size", "0", true},
        {"sequence_bias", "null", true},
        {"force_words_ids", "null", true},
        {"constraints", "null", true},
        {"exponential_decay_length_penalty", "null", true},
        {"guidance_scale", "1", true},
        {"watermarking_config", "null", true},
        {"max_time", "null", true},
        {"stop_strings", "null", true},
        {"forced_decoder_ids", "null", true},
        {"prompt_lookup_num_tokens", "null", true},
        {"dola_layers", "null", true},
        {"token_healing", "false", true},
        {"num_return_sequences", "1", asked->num_return_sequences == UNSET},
        {"remove_invalid_values", "false", true},
        {"top_k", "50", samples && asked->top_k == UNSET},
        {"top_p", "1", samples && asked->top_p == UNSET_REAL},
        {"min_p", "0", samples && asked->min_p == UNSET_REAL},
        {"top_h", "null", samples},
        {"typical_p", "1", samples},
        {"epsilon_cutoff", "0", samples},
        {"eta_cutoff", "0", samples},
    };
    if (!samples && setting_bool_or(s, "do_sample", false))
        note(s, "do_sample", ": tokens are drawn only if --temperature asks for it");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const Json *value = setting(s, options[i].key);
        double number, neutral = strtod(options[i].neutral, NULL);
        if (!options[i].matters || !value) continue;
        if (value->kind == JSON_FALSE && !strcmp(options[i].neutral, "false")) continue;
        if (json_double(value, &number) && strcmp(options[i].neutral, "null") &&
            fabs(number - neutral) < 1e-9)
            continue;
        note(s, options[i].key, "");
    }
}

static void read_stored(Options *o, const Settings *s, Arena *arena)
{
    o->max_new_tokens = setting_int_or(s, "max_new_tokens", UNSET, 1, MANY);
    o->min_new_tokens = setting_int_or(s, "min_new_tokens", UNSET, 0, MANY);
    o->max_length = setting_int_or(s, "max_length", UNSET, 1, MANY);
    o->min_length = setting_int_or(s, "min_length", UNSET, 0, MANY);
    o->repetition_penalty = read_repetition_penalty(s);
    o->no_repeat_ngram_size = setting_int_or(s, "no_repeat_ngram_size", 0, 0, MANY);
    read_bad_words(o, s, arena);
    o->forced_bos = setting_ids(s, "forced_bos_token_id", arena);
    o->forced_eos = setting_ids(s, "forced_eos_token_id", arena);
    o->suppress = setting_ids(s, "suppress_tokens", arena);
    o->begin_suppress = setting_ids(s, "begin_suppress_tokens", arena);
    o->renormalize_logits = setting_bool_or(s, "renormalize_logits", false);
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
    const Settings stored = {m->stored, m->stored_file, error};
    *o = options_unset();
    o->vocab = m->config.vocab;
    o->special = &m->ids;
    o->max_positions = m->config.max_positions;
    read_stored(o, &stored, &m->memory);
    overlay(o, asked);
    if (notes && !error->set) note_ignored(&stored, asked);
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
