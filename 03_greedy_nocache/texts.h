// SPDX-License-Identifier: MIT
// texts.h -- the texts to work on, from the arguments of a command line or from stdin; and what is known of
// the terminal.
#ifndef TEXTS_H
#define TEXTS_H
#include <stdbool.h>
#include <stddef.h>

enum { MAX_TEXT = 1 << 16 }; // limit of a text in bytes

// Whether it can be seen that a line has not been written yet; for the help of stages 04 and 05.
#if defined __unix__ || defined __APPLE__
#define HAVE_POLL
#define WAITING "nothing waits for a full batch"
#else
#define WAITING "lines wait until there are so many, or no more"
#endif

// The arguments of a command line (if n_words > 0) or else the lines of stdin, in order. A byte order mark at
// the beginning of stdin is no text.
typedef struct {
    char *const *words;
    int n_words;
    const char *kind; // for messages about the last text: "text" or "line",
    int number;       // and its number, from 1
    bool failed;      // stdin could not be read to its end
    // The rest is for texts.c.
    char *text;      // (MAX_KEPT + 1) the last text, or what has been read of the next
    size_t length;   // its bytes, even if they are too many
    bool behind_tab; // the rest of the line is no text
    char *input;     // bytes from `at` to `end` have been read from stdin and not been looked at
    size_t at, end;
    bool ended; // no more can be read
} Texts;

// The next text up to its first TAB, valid until the next call. NULL after the last (texts_ended()), and
// where the next line of stdin has not been written to its end yet. *problem is NULL, or says what is wrong
// with the text (too long, not UTF-8, ...), which is then "".
const char *texts_next(Texts *texts, const char **problem);
bool texts_ended(const Texts *texts);    // after a NULL: no text will follow
bool texts_buffered(const Texts *texts); // else: the next call need not read stdin first
void texts_wait(void);                   // until more of stdin, or its end, can be read
void texts_free(Texts *texts);
// Before the first: how many there will be, with those that have a problem; 0 if that cannot be known, as
// stdin is no file.
long texts_count(const Texts *texts);
bool is_terminal(int stream); // 0, 1, 2: stdin, stdout, stderr. False where that cannot be known

#endif
