// SPDX-License-Identifier: MIT
// error.c -- keeps the first message, as one line of at most 599 bytes; longer ones are cut off.
#include "model/error.h"
#include <stdarg.h>
#include <stdio.h>

// A message may quote bytes of a damaged file: control characters, which a terminal would obey, become '?'.
static void keep_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F) *text = '?';
}

bool fail(Error *error, const char *format, ...)
{
    if (error->set) return false;
    error->set = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    keep_one_line(error->message);
    return false;
}

int report(const Error *error)
{
    fprintf(stderr, "error: %s\n", error->message);
    return 1;
}
