// SPDX-License-Identifier: MIT
// Which options hold: those of the command line, else those stored with a model, else the defaults.
#include "check.h"
#include "options.h"
#include "made_files.h"
#include "random_model.h"
#include <limits.h>

// Ids of a config.json that says nothing else about generation.
#define ONLY_IDS "\"decoder_start_token_id\": 3, \"pad_token_id\": 0, \"eos_token_id\": 1"

typedef struct {
    Model model;
    Options options;
    Error error;
} Case;

// The options of a model with these members in config.json and this generation_config.json (NULL: none), to
// which a start token is added if it has none.
static void resolve(Case *c, const char *architecture, const char *config, const char *generation,
                    const Options *asked, bool notes)
{
    char with_start[1200];
    *c = (Case){.error = {0}};
    if (generation && !strstr(generation, "decoder_start_token_id")) {
        snprintf(with_start, sizeof with_start, "{\"decoder_start_token_id\": 3%s%s",
                 generation[1] == '}' ? "" : ", ", generation + 1);
        generation = with_start;
    }
    random_model_load(
        &c->model, &(RandomModel){.architecture = architecture, .config = config, .generation = generation});
    options_resolve(&c->options, &c->model, asked, notes, &c->error);
}

static void resolve_marian(Case *c, const char *config, const char *generation)
{
    const Options asked = options_unset();
    resolve(c, "MarianMTModel", config, generation, &asked, false);
    CHECK(!c->error.set, "%s", c->error.message);
}

static bool list_is(const Ids *list, int n, const int *ids)
{
    return list->n == n && !memcmp(list->ids, ids, n * sizeof *ids);
}
#define LIST_IS(list, ...)                                                                                   \
    list_is(list, sizeof((const int[]){__VA_ARGS__}) / sizeof(int), (const int[]){__VA_ARGS__})

// ---- stored options ---------------------------------------------------------------------------------------

static const char all_stored[] = ONLY_IDS
    ",\n"
    "\"max_length\": 11, \"max_new_tokens\": 9, \"min_length\": 3, \"min_new_tokens\": 2, \"num_beams\": 5,\n"
    "\"length_penalty\": 0.5, \"early_stopping\": \"never\", \"no_repeat_ngram_size\": 4, "
    "\"repetition_penalty\": 1.5,\n"
    "\"bad_words_ids\": [[0], [4, 5]], \"forced_bos_token_id\": 6, \"forced_eos_token_id\": [1, 7],\n"
    "\"suppress_tokens\": [8, 9], \"begin_suppress_tokens\": 10, \"renormalize_logits\": true";

static void check_all_stored(const char *where, const Options *o)
{
    CHECK(o->max_length == 11 && o->max_new_tokens == 9, "%s: %d, %d", where, o->max_length,
          o->max_new_tokens);
    CHECK(o->min_length == 3 && o->min_new_tokens == 2, "%s: %d, %d", where, o->min_length,
          o->min_new_tokens);
    CHECK(o->num_beams == 5 && o->length_penalty == 0.5, "%s: %d, %g", where, o->num_beams,
          o->length_penalty);
    CHECK(o->early_stopping == EARLY_STOPPING_NEVER, "%s: %d", where, o->early_stopping);
    CHECK(o->no_repeat_ngram_size == 4 && o->repetition_penalty == 1.5, "%s: %d, %g", where,
          o->no_repeat_ngram_size, o->repetition_penalty);
    CHECK(o->n_bad_words == 2 && LIST_IS(&o->bad_words[0], 0) && LIST_IS(&o->bad_words[1], 4, 5),
          "%s: bad words", where);
    CHECK(LIST_IS(&o->forced_bos, 6) && LIST_IS(&o->forced_eos, 1, 7), "%s: forced", where);
    CHECK(LIST_IS(&o->suppress, 8, 9) && LIST_IS(&o->begin_suppress, 10), "%s: suppressed", where);
    CHECK(o->renormalize_logits && LIST_IS(&o->special->eos, 1), "%s: renormalize_logits, eos", where);
}

static void check_all_off(const char *where, const Options *o)
{
    CHECK(o->max_length == UNSET && o->max_new_tokens == UNSET, "%s: %d, %d", where, o->max_length,
          o->max_new_tokens);
    CHECK(o->min_length == UNSET && o->min_new_tokens == UNSET, "%s: %d, %d", where, o->min_length,
          o->min_new_tokens);
    CHECK(o->num_beams == 4 && o->length_penalty == 1, "%s: %d, %g", where, o->num_beams, o->length_penalty);
    CHECK(o->early_stopping == EARLY_STOPPING_FALSE, "%s: %d", where, o->early_stopping);
    CHECK(o->no_repeat_ngram_size == 0 && o->repetition_penalty == 1, "%s: %d, %g", where,
          o->no_repeat_ngram_size, o->repetition_penalty);
    CHECK(o->n_bad_words == 0 && o->forced_bos.n == 0 && o->forced_eos.n == 0, "%s: bans and forced tokens",
          where);
    CHECK(o->suppress.n == 0 && o->begin_suppress.n == 0, "%s: suppressed", where);
    CHECK(!o->renormalize_logits && !o->special->eos.n, "%s: renormalize_logits, eos", where);
    CHECK(o->temperature == 0 && o->top_k == 0 && o->top_p == 1 && o->min_p == 0, "%s: sampling", where);
}

static void file_that_counts(void)
{
    static char generation[sizeof all_stored + 2];
    Case c;
    snprintf(generation, sizeof generation, "{%s}", all_stored);
    resolve_marian(&c, ONLY_IDS, generation);
    check_all_stored("in generation_config.json", &c.options);
    model_free(&c.model);

    resolve_marian(&c, all_stored, NULL);
    check_all_stored("in config.json, alone", &c.options);
    model_free(&c.model);

    resolve_marian(&c, all_stored, "{}");
    check_all_off("in config.json, beside a generation_config.json without them", &c.options);
    model_free(&c.model);

    resolve_marian(
        &c, all_stored,
        "{\"num_beams\": null, \"early_stopping\": null, \"bad_words_ids\": null, \"max_length\": null,"
        " \"length_penalty\": null, \"forced_eos_token_id\": null}");
    check_all_off("null is absent", &c.options);
    model_free(&c.model);
}

// What no file asks for is off, for every family: no token is forced at the end.
static void nothing_stored(void)
{
    static const char *const architectures[] = {"MarianMTModel", "T5ForConditionalGeneration",
                                                "GPT2LMHeadModel"};
    const Options asked = options_unset();
    for (int i = 0; i < 6; i++) {
        Case c;
        resolve(&c, architectures[i / 2], "\"decoder_start_token_id\": 3", i % 2 ? "{}" : NULL, &asked,
                false);
        CHECK(!c.error.set, "%s", c.error.message);
        check_all_off(architectures[i / 2], &c.options);
        model_free(&c.model);
    }
}

// A banned id that is not in the vocabulary never occurs anyway; a bad word with one in it cannot either.
static void impossible_ids(void)
{
    Case c;
    resolve_marian(
        &c, ONLY_IDS,
        "{\"suppress_tokens\": [-1, 13], \"begin_suppress_tokens\": 50256, "
        "\"bad_words_ids\": [[13], [2, 99], []], \"forced_eos_token_id\": 99, \"pad_token_id\": -7}");
    CHECK(LIST_IS(&c.options.suppress, -1, 13) && LIST_IS(&c.options.begin_suppress, 50256), "suppressed");
    CHECK(c.options.n_bad_words == 2 && LIST_IS(&c.options.forced_eos, 99), "%d", c.options.n_bad_words);
    model_free(&c.model);
}

// An entry that is just one of the end tokens is dropped, wherever it stands; longer ones stay.
static void end_is_no_bad_word(void)
{
    Case c;
    resolve_marian(&c, ONLY_IDS,
                   "{\"eos_token_id\": [1, 2], \"bad_words_ids\": [[1], [0], [2], [1, 2], [3, 1]]}");
    const Ids *words = c.options.bad_words;
    CHECK(c.options.n_bad_words == 3, "%d", c.options.n_bad_words);
    CHECK(LIST_IS(&words[0], 0) && LIST_IS(&words[1], 1, 2) && LIST_IS(&words[2], 3, 1),
          "the others in order");
    model_free(&c.model);
}

static void early_stopping(void)
{
    static const struct {
        const char *generation;
        int expected;
    } cases[] = {{"{}", EARLY_STOPPING_FALSE},
                 {"{\"early_stopping\": null}", EARLY_STOPPING_FALSE},
                 {"{\"early_stopping\": false}", EARLY_STOPPING_FALSE},
                 {"{\"early_stopping\": true}", EARLY_STOPPING_TRUE},
                 {"{\"early_stopping\": \"never\"}", EARLY_STOPPING_NEVER}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Case c;
        resolve_marian(&c, ONLY_IDS, cases[i].generation);
        CHECK(c.options.early_stopping == cases[i].expected, "%s: %d", cases[i].generation,
              c.options.early_stopping);
        model_free(&c.model);
    }
}

// ---- bad values -------------------------------------------------------------------------------------------

static void bad_values(void)
{
    static const struct {
        const char *value;   // a member of the file
        const char *message; // how it goes on after the file's name
    } cases[] = {
        {"\"max_length\": 0", ":2: key \"max_length\": expected a whole number from 1 to 16777216, found 0"},
        {"\"max_length\": \"9\"",
         ":2: key \"max_length\": expected a whole number from 1 to 16777216, found \"9\""},
        {"\"max_new_tokens\": 0", ":2: key \"max_new_tokens\": expected a whole number from 1"},
        {"\"max_new_tokens\": 1.5", ":2: key \"max_new_tokens\": expected a whole number from 1"},
        {"\"min_length\": -1", ":2: key \"min_length\": expected a whole number from 0"},
        {"\"min_new_tokens\": []",
         ":2: key \"min_new_tokens\": expected a whole number from 0 to 16777216, found an array"},
        {"\"num_beams\": 0", ":2: key \"num_beams\": expected a whole number from 1"},
        {"\"no_repeat_ngram_size\": -2", ":2: key \"no_repeat_ngram_size\": expected a whole number from 0"},
        {"\"repetition_penalty\": 0", ":2: key \"repetition_penalty\": expected a number above 0, found 0"},
        {"\"repetition_penalty\": -1.5",
         ":2: key \"repetition_penalty\": expected a number above 0, found -1.5"},
        {"\"repetition_penalty\": true", ":2: key \"repetition_penalty\": expected a number, found true"},
        {"\"length_penalty\": \"1\"", ":2: key \"length_penalty\": expected a number, found \"1\""},
        {"\"length_penalty\": 1e300", ":2: key \"length_penalty\": expected a number, found 1e300"},
        {"\"early_stopping\": 1", ":2: key \"early_stopping\": expected true, false or \"never\", found 1"},
        {"\"early_stopping\": \"always\"",
         ":2: key \"early_stopping\": expected true, false or \"never\", found \"always\""},
        {"\"bad_words_ids\": 3", ":2: key \"bad_words_ids\": expected an array, found 3"},
        {"\"bad_words_ids\": [\n3]", ":3: key \"bad_words_ids\": expected arrays of token ids, found 3"},
        {"\"bad_words_ids\": [[2],\n\n[\"a\"]]",
         ":4: key \"bad_words_ids\": expected a token id, or an array of them, found \"a\""},
        {"\"forced_bos_token_id\": 1.5", ":2: key \"forced_bos_token_id\": expected a token id, or an array"},
        {"\"suppress_tokens\": [\"a\"]", ":2: key \"suppress_tokens\": expected a token id, or an array"},
        {"\"begin_suppress_tokens\": {}", ":2: key \"begin_suppress_tokens\": expected a token id"},
        {"\"renormalize_logits\": 1", ":2: key \"renormalize_logits\": expected true or false, found 1"},
    };
    const Options asked = options_unset();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char generation[200];
        Case c;
        snprintf(generation, sizeof generation, "{\n%s}", cases[i].value);
        resolve(&c, "MarianMTModel", ONLY_IDS, generation, &asked, false);
        const char *file = strstr(c.error.message, "/generation_config.json");
        const char *rest = file ? file + strlen("/generation_config.json") : "";
        CHECK(c.error.set && !strncmp(rest, cases[i].message, strlen(cases[i].message)), "%s gives: %s",
              cases[i].value, c.error.message);
        model_free(&c.model);
    }
    printf("%zu bad values\n", sizeof cases / sizeof *cases);
}

// ---- notes ------------------------------------------------------------------------------------------------

static const char notes_file[] = TEST_DIR "/notes-of-test_options.txt";

// What stderr says about these members of a generation_config.json. From here on stderr is a file.
static Bytes notes_about(const char *members, double temperature)
{
    char generation[1000];
    Options asked = options_unset();
    Case c;
    if (temperature > 0) {
        asked.temperature = temperature;
        asked.min_p = 0.5;
    }
    snprintf(generation, sizeof generation, "{%s}", members);
    if (!freopen(notes_file, "w", stderr)) CHECK(false, "%s cannot be written", notes_file);
    resolve(&c, "MarianMTModel", ONLY_IDS, generation, &asked, true);
    CHECK(!c.error.set, "%s", c.error.message);
    fflush(stderr);
    model_free(&c.model);
    return file_bytes(notes_file);
}

static int count_lines(const char *text)
{
    int n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

static void notes(void)
{
    static const struct {
        const char *members, *told; // NULL: nothing
        int n_lines;
        double temperature;
    } cases[] = {
        {"\"do_sample\": true", ": do_sample true is ignored: tokens are drawn only if --temperature", 1, 0},
        // one note for all that is stored about samples, if none are asked for
        {"\"do_sample\": true, \"temperature\": 0.6, \"top_k\": 20, \"top_p\": 0.9, \"top_h\": 0.4",
         ": do_sample true is ignored: ", 1, 0},
        {"\"do_sample\": false, \"temperature\": 0.6, \"top_k\": 20", NULL, 0, 0},
        // if they are asked for: each option that would change them, and that the command line leaves open
        {"\"do_sample\": true, \"temperature\": 0.6", NULL, 0, 1},
        {"\"top_k\": 20, \"min_p\": 0.1", ": top_k 20 is ignored\n", 1, 1},
        {"\"top_p\": 0.9, \"typical_p\": 0.8, \"epsilon_cutoff\": 0.1, \"eta_cutoff\": 0.1",
         ": top_p 0.9 is ignored\n", 4, 1},
        {"\"top_h\": 0.4", ": top_h 0.4 is ignored\n", 1, 1},
        {"\"top_k\": 50, \"top_p\": 1, \"typical_p\": 1.0, \"epsilon_cutoff\": 0", NULL, 0, 1}, // neutral
        {"\"num_beam_groups\": 2, \"diversity_penalty\": 0.5", ": num_beam_groups 2 is ignored\n", 2, 0},
        {"\"num_return_sequences\": 3", ": num_return_sequences 3 is ignored\n", 1, 0},
        {"\"encoder_no_repeat_ngram_size\": 3", ": encoder_no_repeat_ngram_size 3 is ignored\n", 1, 0},
        {"\"exponential_decay_length_penalty\": [5, 1.1]",
         ": exponential_decay_length_penalty an array is ignored\n", 1, 0},
        {"\"forced_decoder_ids\": [[1, 2]]", ": forced_decoder_ids an array is ignored\n", 1, 0},
        {"\"stop_strings\": \"x\"", ": stop_strings \"x\" is ignored\n", 1, 0},
        // neutral values
        {"\"num_beam_groups\": 1, \"diversity_penalty\": 0.0, \"penalty_alpha\": null,"
         " \"guidance_scale\": 1, \"encoder_repetition_penalty\": 1.0, \"remove_invalid_values\": false",
         NULL, 0, 0},
        {"\"use_cache\": true, \"transformers_version\": \"5\", \"output_scores\": true, "
         "\"_from_model_config\": true",
         NULL, 0, 0},
        // options that are obeyed
        {"\"num_beams\": 3, \"repetition_penalty\": 1.5, \"suppress_tokens\": [2], "
         "\"renormalize_logits\": true",
         NULL, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Bytes said = notes_about(cases[i].members, cases[i].temperature);
        CHECK(count_lines(said.bytes) == cases[i].n_lines, "%s: %s", cases[i].members, said.bytes);
        CHECK(!cases[i].told || (!strncmp(said.bytes, "note: ", 6) && strstr(said.bytes, cases[i].told)),
              "%s: %s", cases[i].members, said.bytes);
        bytes_free(&said);
    }
    remove(notes_file);
}

// ---- the command line, and the defaults -------------------------------------------------------------------

static void asked_wins(void)
{
    static char generation[sizeof all_stored + 2];
    snprintf(generation, sizeof generation, "{%s}", all_stored);
    Options asked = options_unset();
    asked.max_new_tokens = 4;
    asked.min_new_tokens = 0;
    asked.repetition_penalty = 1;
    asked.no_repeat_ngram_size = 0;
    asked.num_beams = 1;
    asked.length_penalty = -2;
    asked.early_stopping = EARLY_STOPPING_FALSE;
    asked.temperature = 0.5;
    asked.top_k = 6;
    asked.top_p = 0.25;
    asked.min_p = 0.125;
    asked.seed = 99;
    asked.num_return_sequences = 2;
    Case c;
    resolve(&c, "MarianMTModel", ONLY_IDS, generation, &asked, false);
    const Options *o = &c.options;
    CHECK(o->max_new_tokens == 4 && o->min_new_tokens == 0, "%d, %d", o->max_new_tokens, o->min_new_tokens);
    CHECK(o->repetition_penalty == 1 && o->no_repeat_ngram_size == 0, "%g, %d", o->repetition_penalty,
          o->no_repeat_ngram_size);
    CHECK(o->num_beams == 1 && o->length_penalty == -2, "%d, %g", o->num_beams, o->length_penalty);
    CHECK(o->early_stopping == EARLY_STOPPING_FALSE, "%d", o->early_stopping);
    CHECK(o->temperature == 0.5 && o->top_k == 6 && o->top_p == 0.25 && o->min_p == 0.125 && o->seed == 99,
          "sampling");
    CHECK(o->num_return_sequences == 2, "%d", o->num_return_sequences);
    CHECK(o->max_length == 11 && o->min_length == 3 && o->n_bad_words == 2, "what cannot be asked for stays");
    model_free(&c.model);
}

static void beams_by_default(void)
{
    static const struct {
        const char *generation;
        int n_asked, expected;
    } cases[] = {{"{}", UNSET, 4},
                 {"{\"num_beams\": 1}", UNSET, 4},
                 {"{\"num_beams\": 6}", UNSET, 6},
                 {"{\"num_beams\": 6}", 1, 1},
                 {"{}", 2, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Options asked = options_unset();
        asked.num_beams = cases[i].n_asked;
        Case c;
        resolve(&c, "MarianMTModel", ONLY_IDS, cases[i].generation, &asked, false);
        CHECK(c.options.num_beams == cases[i].expected, "case %zu: %d", i, c.options.num_beams);
        model_free(&c.model);
    }
}

enum { LIMIT = 16, NONE = 0 }; // positions of the model; no token fits

// How long the decoder's ids may become: the prompt of P ids, then new ones.
static void maximum_length(void)
{
    static const char marian[] = "MarianMTModel", t5[] = "T5ForConditionalGeneration",
                      gpt2[] = "GPT2LMHeadModel";
    static const struct {
        const char *architecture, *generation;
        int asked, P, expected;
    } cases[] = {
        // as asked for, else max_new_tokens of the file, else its max_length, else all positions, else 64
        {marian, "{\"max_new_tokens\": 5, \"max_length\": 9}", 3, 1, 4},
        {marian, "{\"max_new_tokens\": 5, \"max_length\": 9}", UNSET, 1, 6},
        {marian, "{\"max_length\": 9}", UNSET, 1, 9},
        {marian, "{}", UNSET, 1, LIMIT + 1},
        {t5, "{}", UNSET, 1, 1 + 64},
        {gpt2, "{\"max_new_tokens\": 5, \"max_length\": 9}", UNSET, 4, 9},
        {gpt2, "{\"max_length\": 9}", UNSET, 4, 9},
        {gpt2, "{}", UNSET, 4, LIMIT + 1},
        {gpt2, "{}", UNSET, LIMIT, LIMIT + 1}, // one token fits after the longest prompt
        {gpt2, "{}", 40, 4, 44},               // never refused in advance
        {marian, "{\"max_length\": 400}", UNSET, 1, 400},
        {gpt2, "{\"max_length\": 9}", UNSET, 8, 9},
        {gpt2, "{\"max_length\": 9}", UNSET, 9, NONE},
        {gpt2, "{\"max_length\": 9}", UNSET, 12, NONE},
        {gpt2, "{\"max_length\": 9}", 2, 12, 14},
        {marian, "{\"max_length\": 1}", UNSET, 1, NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Options asked = options_unset();
        asked.max_new_tokens = cases[i].asked;
        Case c;
        int length = 0;
        resolve(&c, cases[i].architecture, ONLY_IDS, cases[i].generation, &asked, false);
        const bool fits = options_max_length(&c.options, cases[i].P, &length, &c.error);
        CHECK(fits == (cases[i].expected != NONE) && fits == !c.error.set, "case %zu: %s", i,
              c.error.message);
        if (fits)
            CHECK(length == cases[i].expected, "case %zu: %d, expected %d", i, length, cases[i].expected);
        else CHECK(strstr(c.error.message, "max_length"), "case %zu: %s", i, c.error.message);
        const int all = within_positions(&c.options, INT_MAX);
        CHECK(all == (cases[i].architecture == t5 ? INT_MAX : LIMIT + 1), "case %zu: %d", i, all);
        model_free(&c.model);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"stored options come from one file", file_that_counts},
        {"an option that no file stores is off, whatever the family", nothing_stored},
        {"ids outside of the vocabulary are no error in options", impossible_ids},
        {"the end token is no bad word", end_is_no_bad_word},
        {"early stopping is false, true or never", early_stopping},
        {"a bad stored option is an error with file, line and key", bad_values},
        {"stored options that are ignored are noted", notes},
        {"the command line wins over stored options", asked_wins},
        {"the number of beams is stored, or 4", beams_by_default},
        {"the maximum length is the one asked for, else the stored one, else a default", maximum_length},
    };
    return RUN_TESTS(tests);
}
