// SPDX-License-Identifier: MIT
// error.c -- keep the first message.
#include "error.h"
#include <stdarg.h>
#include <stdio.h>

bool fail(Error *error, const char *format, ...)
{
    if (error->set) return false;
    error->set = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return false;
}

int report(const Error *error)
{
    fprintf(stderr, "error: %s\n", error->message);
    return 1;
}
