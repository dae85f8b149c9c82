// SPDX-License-Identifier: MIT
// error.c -- keep the first message, on one line.
#include "model/error.h"
#include <stdarg.h>
#include <stdio.h>

// What a message quotes may come from a damaged file: control characters become '?'.
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
