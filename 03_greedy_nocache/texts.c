// SPDX-License-Identifier: MIT
// texts.c -- lines of stdin are read past stdio, which cannot tell whether a line is there.
#include "texts.h"
#include "text/utf8.h"
#include "tensor/memory.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#ifdef HAVE_POLL
#include <poll.h>
#include <unistd.h>
#endif

enum { INPUT = 1 << 16 }; // bytes read at a time

#ifdef HAVE_POLL
bool is_terminal(int stream) { return isatty(stream); }

// Whether reading would not wait, at once (0 milliseconds) or after waiting for that (-1). At the end of the
// input it does not.
static bool input_ready(int milliseconds)
{
    struct pollfd standard_input = {.events = POLLIN};
    return poll(&standard_input, 1, milliseconds) > 0;
}

// Read what is there, at least one byte; 0 at the end, or with *failed.
static size_t read_input(char *out, bool *failed)
{
    for (;;) {
        const ssize_t n = read(0, out, INPUT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN && input_ready(-1)) continue;
        *failed = n < 0;
        return n < 0 ? 0 : (size_t)n;
    }
}

// Lines between where stdin is, and is again afterwards, and its end. What is no file has no such places.
static long count_lines(void)
{
    const long long begin = lseek(0, 0, SEEK_CUR), end = lseek(0, 0, SEEK_END);
    char input[INPUT], last = '\n';
    bool failed;
    long n_lines = 0;
    lseek(0, begin, SEEK_SET);
    for (long long at = begin; at < end;) {
        const size_t n = read_input(input, &failed);
        if (!n) break;
        for (size_t i = 0; i < n; i++) n_lines += input[i] == '\n';
        last = input[n - 1];
        at += (long long)n;
    }
    lseek(0, begin, SEEK_SET);
    return n_lines + (last != '\n');
}
#else
bool is_terminal(int stream) { return (void)stream, false; }
static long count_lines(void) { return 0; }
static bool input_ready(int milliseconds) { return milliseconds <= 0; }
static size_t read_input(char *out, bool *failed)
{
    const int c = getchar();
    *out = (char)c;
    *failed = ferror(stdin);
    return c != EOF;
}
#endif

enum { MAX_KEPT = 3 + MAX_TEXT + 1 }; // of a line: a byte order mark, a text, a CR

// Go on with the line that has been begun; true at its end. What does not fit is counted, but not kept.
static bool read_to_line_end(Texts *t)
{
    while (t->at < t->end) {
        const char c = t->input[t->at++];
        if (c == '\n') return true;
        t->behind_tab = t->behind_tab || c == '\t';
        if (t->behind_tab) continue;
        if (t->length < MAX_KEPT) t->text[t->length] = c;
        t->length++;
    }
    return false;
}

// A line of stdin into t->text, without its LF or CR LF. False at the end of the input, or if the line is not
// there yet; then the next call goes on with it. A line without an end that is written as fast as it is read
// keeps nobody in here for ever.
static bool read_line(Texts *t)
{
    size_t n_read = 0;
    if (!t->input) t->input = memory_resize(NULL, INPUT, 1);
    while (!read_to_line_end(t) && !t->ended) {
        if (n_read >= INPUT || !input_ready(0)) return false;
        t->at = 0;
        n_read += t->end = read_input(t->input, &t->failed);
        t->ended = !t->end;
    }
    if (!t->number && t->length >= 3 && !memcmp(t->text, "\xEF\xBB\xBF", 3)) {
        memmove(t->text, t->text + 3, MAX_KEPT - 3);
        t->length -= 3;
    }
    // The last line may have no LF; but before an error it is not known whether that is all of the line.
    if (t->ended && (t->failed || (!t->length && !t->behind_tab))) return false;
    const bool cr =
        !t->behind_tab && t->length && t->length <= MAX_TEXT + 1 && t->text[t->length - 1] == '\r';
    t->length -= cr;
    return true;
}

static void copy_word(Texts *t, const char *word)
{
    t->length = strcspn(word, "\t");
    memcpy(t->text, word, t->length < MAX_TEXT + 1 ? t->length : MAX_TEXT + 1);
}

// Whatever the source, the same checks follow; a bad text does not end the sequence of texts.
const char *texts_next(Texts *t, const char **problem)
{
    const bool from_words = t->n_words > 0;
    if (!t->text) t->text = memory_resize(NULL, MAX_KEPT + 1, 1);
    if (from_words && t->number == t->n_words) return NULL;
    if (from_words) copy_word(t, t->words[t->number]);
    else if (!read_line(t)) return NULL;
    t->kind = from_words ? "text" : "line";
    t->number++;
    const size_t length = t->length;
    t->length = 0; // of the next line
    t->behind_tab = false;
    *problem = NULL;
    if (length > MAX_TEXT) *problem = "longer than 65536 bytes";
    else if (memchr(t->text, 0, length)) *problem = "contains a zero byte";
    else if (memchr(t->text, '\n', length)) *problem = "contains a line break";
    else if (!utf8_valid(t->text, length)) *problem = "not valid UTF-8";
    t->text[*problem ? 0 : length] = 0;
    return t->text;
}

long texts_count(const Texts *t) { return t->n_words ? t->n_words : count_lines(); }
bool texts_ended(const Texts *t) { return t->n_words ? t->number == t->n_words : t->ended; }
bool texts_buffered(const Texts *t) { return t->n_words ? t->number < t->n_words : t->at < t->end; }
void texts_wait(void) { input_ready(-1); }

void texts_free(Texts *t)
{
    t->text = memory_resize(t->text, 0, 0);
    t->input = memory_resize(t->input, 0, 0);
}
