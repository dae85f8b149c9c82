// SPDX-License-Identifier: MIT
// options.h -- how to generate: the options stored with a model, and those of the command line, which win.
//
// Names and meanings are those of Hugging Face's generate(). Stored options come from
// generation_config.json if the directory has one (a key that it lacks is off), else from config.json. A
// token id that is not in the vocabulary is no error: it never occurs.
// Lengths count decoder ids: P for the prompt (1, the start token, if there is an encoder), then the output.
#ifndef OPTIONS_H
#define OPTIONS_H
#include "model/model.h"

enum EarlyStopping { EARLY_STOPPING_FALSE, EARLY_STOPPING_TRUE, EARLY_STOPPING_NEVER };

enum { UNSET = -1 };
#define UNSET_REAL -1e30

typedef struct {
    int vocab;               // V
    const TokenIds *special; // start, bos, eos
    int max_positions;       // of the model; 0: no limit

    int max_new_tokens, min_new_tokens; // UNSET: see max_length, min_length
    int max_length, min_length;         // UNSET: no such limit
    int num_return_sequences;

    // What may come next (processors.h).
    double repetition_penalty; // 1: off
    int no_repeat_ngram_size;  // 0: off
    const Ids *bad_words;      // (n_bad_words) sequences that must not occur
    int n_bad_words;
    Ids forced_bos, forced_eos, suppress, begin_suppress; // n = 0: off
    bool renormalize_logits; // in beam search: what is left after the rules has probability 1 again

    // How to choose (pick.h).
    double temperature; // 0: the most probable token
    int top_k;          // 0: off
    double top_p;       // 1: off
    double min_p;       // 0: off
    uint64_t seed;

    // Beam search (05_beam/beam.h).
    int num_beams;
    double length_penalty;
    int early_stopping; // enum EarlyStopping
} Options;

Options options_unset(void); // nothing asked for

// What holds for a model: what is asked for, else what is stored, else the defaults. notes: say on stderr
// which stored options are ignored although they would change the output.
bool options_resolve(Options *out, Model *model, const Options *asked, bool notes, Error *error);

// The length up to which the options let the decoder's ids grow after a prompt of P. (The model's positions
// may end before.) False if not a single token fits.
bool options_max_length(const Options *options, int P, int *max_length, Error *error);
// The smaller of max_length and the length at which the model's positions are used up: max_positions + 1,
// since the last token is produced but not fed back.
int within_positions(const Options *options, int max_length);

#endif
