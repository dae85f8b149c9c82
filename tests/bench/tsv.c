// SPDX-License-Identifier: MIT
// tsv.c -- the text is kept as it was read; ends of fields become ends of strings.
#include "tsv.h"
#include <errno.h>
#include <string.h>

static char *read_all(FILE *file, const char *name, size_t *length, Error *error)
{
    char *text = NULL;
    size_t capacity = 0;
    *length = 0;
    do {
        capacity = capacity ? 2 * capacity : 1 << 16;
        text = memory_resize(text, capacity, 1);
        *length += fread(text + *length, 1, capacity - *length - 1, file);
    } while (*length == capacity - 1);
    text[*length] = 0;
    if (ferror(file)) fail(error, "%s: cannot read: %s", name, strerror(errno));
    else if (memchr(text, 0, *length)) fail(error, "%s: contains a zero byte", name);
    return text;
}

// How often c occurs in a text.
static int count(const char *text, char c)
{
    int n = 0;
    while ((text = strchr(text, c))) n++, text++;
    return n;
}

// Cut text at the first c. Returns what is behind it, NULL if there is no c.
static char *cut(char *text, char c)
{
    char *at = strchr(text, c);
    if (at) *at++ = 0;
    return at;
}

static void split_line(Tsv *tsv, TsvLine *line, char *text)
{
    const size_t length = strlen(text);
    if (length && text[length - 1] == '\r') text[length - 1] = 0;
    line->n_fields = 0;
    line->fields = arena_alloc(&tsv->memory, count(text, '\t') + 1, sizeof *line->fields);
    for (char *field = text, *rest; field; field = rest) {
        rest = cut(field, '\t');
        line->fields[line->n_fields++] = field;
    }
}

bool tsv_read(Tsv *tsv, FILE *file, const char *name, Error *error)
{
    size_t length;
    *tsv = (Tsv){0};
    char *read = read_all(file, name, &length, error);
    if (!error->set) {
        char *text = arena_text(&tsv->memory, read, length), *rest;
        tsv->lines = arena_alloc(&tsv->memory, count(text, '\n') + 1, sizeof *tsv->lines);
        for (; text && *text; text = rest) {
            TsvLine *line = &tsv->lines[tsv->n++];
            line->number = tsv->n;
            rest = cut(text, '\n');
            split_line(tsv, line, text);
        }
    }
    memory_resize(read, 0, 0);
    return !error->set;
}

bool tsv_read_path(Tsv *tsv, const char *path, Error *error)
{
    *tsv = (Tsv){0};
    FILE *file = fopen(path, "rb");
    if (!file) return fail(error, "%s: cannot open: %s", path, strerror(errno));
    const bool done = tsv_read(tsv, file, path, error);
    fclose(file);
    return done;
}

void tsv_free(Tsv *tsv) { arena_free(&tsv->memory); }
