// SPDX-License-Identifier: MIT
// sequences.h -- what tests of the generating loops do with sequences.
#ifndef SEQUENCES_H
#define SEQUENCES_H
#include "sequence.h"
#include <string.h>

// An OnToken of a test that looks at the whole sequence at its end.
static inline void ignore_token(void *user, const Sequence *sequence) { (void)user, (void)sequence; }

static inline bool same_ids(const Sequence *a, const Sequence *b)
{
    return a->n == b->n && !memcmp(a->ids, b->ids, a->n * sizeof *a->ids);
}

#endif
