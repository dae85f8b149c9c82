// SPDX-License-Identifier: MIT
// error.h -- errors in files and input (not bugs, which are assertions) are reported as values.
//
// A function that can fail takes an Error and, on failure, leaves one message in it: what is wrong, where
// (file, key, line), what was expected and what was found. The error is sticky, like ferror(): the first
// message is kept and later ones are dropped, so a sequence of reads needs only one check, at its end.
#ifndef ERROR_H
#define ERROR_H
#include <stdbool.h>

typedef struct {
    bool set;
    char message[600];
} Error;

// Record a printf-style message of one line, without "error:". Always returns false.
bool fail(Error *error, const char *format, ...);
// Print "error: MESSAGE" to stderr; returns 1, the exit status of a program that could not do its work.
int report(const Error *error);

#endif
