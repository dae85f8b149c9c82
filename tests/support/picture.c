// SPDX-License-Identifier: MIT
// picture.c -- the command line of plot and draw.
#include "picture.h"
#include <string.h>

int picture_main(const Command *command, const Picture *pictures, int argc, char **argv)
{
    const int n_words = cli_parse(command, argc, argv);
    const Picture *p = pictures;
    while (p->name && strcmp(p->name, argv[1])) p++;
    if (!p->name) cli_error(command, "unknown picture %s", argv[1]);
    const int n_left = n_words - 1 - p->n_records;
    if (n_left < 0 || n_left > p->of_a_model)
        cli_error(command, "%s: expected %d file%s, found %d", p->name, p->n_records,
                  p->n_records == 1 ? "" : "s", n_words - 1);

    Error error = {0};
    Sources sources = {.model = n_left ? argv[n_words] : NULL};
    for (int i = 0; i < p->n_records && !error.set; i++)
        record_read(&sources.records[i], argv[i + 2], &error);
    if (!error.set) p->draw(&sources, &error);
    for (int i = 0; i < p->n_records; i++) record_free(&sources.records[i]);
    return cli_end(error.set ? report(&error) : 0);
}
