// SPDX-License-Identifier: MIT
// json_value.c -- a node of the tree as a number of C, or as a few words for a message.
#include "model/json.h"
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool json_uint64(const Json *value, uint64_t *out)
{
    if (!value || value->kind != JSON_NUMBER || strspn(value->text, "0123456789") != strlen(value->text))
        return false;
    errno = 0;
    unsigned long long number = strtoull(value->text, NULL, 10);
    *out = number;
    return errno == 0;
}

bool json_int(const Json *value, int *out)
{
    if (!value || value->kind != JSON_NUMBER) return false;
    const char *digits = value->text + (*value->text == '-');
    if (strspn(digits, "0123456789") != strlen(digits)) return false;
    errno = 0;
    long number = strtol(value->text, NULL, 10);
    if (errno || number < INT_MIN || number > INT_MAX) return false;
    *out = (int)number;
    return true;
}

bool json_double(const Json *value, double *out)
{
    if (!value || value->kind != JSON_NUMBER) return false;
    *out = strtod(value->text, NULL);
    return fabs(*out) <= DBL_MAX;
}

const char *json_describe(const Json *value, char out[80])
{
    static const char *const names[] = {"null", "false", "true", "", "", "an array", "an object"};
    if (!value) snprintf(out, 80, "nothing");
    else if (value->kind == JSON_NUMBER) snprintf(out, 80, "%.60s", value->text);
    else if (value->kind == JSON_STRING) snprintf(out, 80, "\"%.60s\"", value->text);
    else snprintf(out, 80, "%s", names[value->kind]);
    return out;
}
