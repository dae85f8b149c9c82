// SPDX-License-Identifier: MIT
// measured.h -- the table that bench has printed, read again.
#ifndef MEASURED_H
#define MEASURED_H
#include "axes.h"
#include "tsv.h"

// The first model of the section "stages", "" if there is none.
const char *measured_first_model(const Tsv *table);

// Medians of a section's rows of this model, case and metric, over the column n.
Series measured_series(const Tsv *table, const char *section, const char *model, const char *name,
                       const char *metric);
double measured_value(const Series *series, double n); // 0: not measured

// The text of the line "# key TAB text".
const char *measured_remark(const Tsv *table, const char *key);
// What the line "# model TAB model TAB text" says.
const char *measured_shape(const Tsv *table, const char *model);

#endif
