// SPDX-License-Identifier: MIT
// The queue of requests: what each thread gets, and in which order results are printed. In all tests but that
// of threads one thread plays all parts.
#include "check.h"
#include "made_files.h"
#include "queue.h"

typedef struct {
    Queue queue; // first: a Queue* of it is a World*
    Model model;
    Codec codec;
    Options options;
    char printed[200];
    int n_in_order; // requests printed by count_in_order()
} World;

// Instead of printing, write down: "3.0=7 8, " is the first sample of text 3, which is "7 8".
static Problem note(Queue *q, Request *r)
{
    char *printed = ((World *)q)->printed;
    const size_t n = strlen(printed);
    snprintf(printed + n, sizeof((World *)q)->printed - n, "%d.%d=%s, ", r->number, r->sample, r->text);
    CHECK(r->input.n_source == 2 && r->input.source[0] == r->number, "its ids are %d ...",
          r->input.source[0]);
    r->n_lines++;
    return NO_PROBLEM;
}

static void world_new(World *w, int n_words, int n_samples, int n_threads)
{
    static char *const words[] = {"1 8", "2 8", "3 8", "4 8", "5 8", "6 8"};
    Error error = {0};
    const Options asked = options_unset();
    *w = (World){.printed = ""};
    CHECK(model_load(&w->model, "data/marian", PANEL_WIDTH, &error), "%s", error.message);
    CHECK(codec_open(&w->codec, &w->model, true, &error), "%s", error.message);
    CHECK(options_resolve(&w->options, &w->model, &asked, false, &error), "%s", error.message);
    w->queue = queue_new(&w->codec, &w->options);
    w->queue.texts = (Texts){.words = words, .n_words = n_words};
    w->queue.n_samples = n_samples;
    w->queue.n_threads = n_threads;
    w->queue.print = note;
}

static void world_free(World *w)
{
    queue_free(&w->queue);
    model_free(&w->model);
}

static void check_printed(const World *w, const char *expected)
{
    CHECK(!strcmp(w->printed, expected), "printed: %s expected: %s", w->printed, expected);
}

static void in_order_of_input(void)
{
    World w;
    world_new(&w, 4, 1, 1);
    Request *r[4];
    for (int i = 0; i < 4; i++) r[i] = queue_next(&w.queue, 0);
    CHECK(!queue_next(&w.queue, 0), "there are four texts");
    queue_done(&w.queue, r[2]);
    queue_done(&w.queue, r[1]);
    check_printed(&w, "");
    queue_done(&w.queue, r[0]);
    check_printed(&w, "1.0=1 8, 2.0=2 8, 3.0=3 8, ");
    queue_done(&w.queue, r[3]);
    check_printed(&w, "1.0=1 8, 2.0=2 8, 3.0=3 8, 4.0=4 8, ");
    world_free(&w);
}

// A request is freed when it has been printed; the next sample of its text may come only then.
static void samples_are_independent(void)
{
    World w;
    world_new(&w, 2, 3, 1);
    for (int i = 0; i < 6; i++) {
        Request *r = queue_next(&w.queue, 0);
        CHECK(r && r->number == i / 3 + 1 && r->sample == i % 3, "request %d", i);
        if (r) queue_done(&w.queue, r);
    }
    CHECK(!queue_next(&w.queue, 0), "there are six requests");
    check_printed(&w, "1.0=1 8, 1.1=1 8, 1.2=1 8, 2.0=2 8, 2.1=2 8, 2.2=2 8, ");
    CHECK(w.queue.n_texts == 2 && w.queue.n_printed == 6, "%ld texts, %ld requests", w.queue.n_texts,
          w.queue.n_printed);
    world_free(&w);
}

// Two threads, a and b. While one of them waits for input, the other one gets all.
static void fair_shares(void)
{
    World w;
    world_new(&w, 6, 1, 2);
    Request *a[4], *b[2];
    a[0] = queue_next(&w.queue, 0);
    CHECK(a[0] && !queue_next(&w.queue, 1), "a gets no second one before b has one");
    b[0] = queue_next(&w.queue, 0);
    b[1] = queue_next(&w.queue, 1);
    CHECK(b[0] && b[1] && !queue_next(&w.queue, 2), "b gets one more than a, not two");
    a[1] = queue_next(&w.queue, 1);
    a[2] = queue_next(&w.queue, 2);
    CHECK(a[1] && a[2] && !queue_next(&w.queue, 3), "a gets one more than b");
    w.queue.n_waiting = 1;
    a[3] = queue_next(&w.queue, 3);
    CHECK(a[3] && !queue_next(&w.queue, 4), "a gets the sixth, which is the last");
    w.queue.n_waiting = 0;
    for (int i = 0; i < 2; i++) queue_done(&w.queue, b[i]);
    for (int i = 0; i < 4; i++) queue_done(&w.queue, a[i]);
    CHECK(w.queue.n_printed == 6 && w.queue.n_running == 0, "%d are running", w.queue.n_running);
    world_free(&w);
}

enum { N_SAMPLES = 200 };

static Problem count_in_order(Queue *q, Request *r)
{
    World *w = (World *)q;
    CHECK(r->number == w->n_in_order / N_SAMPLES + 1 && r->sample == w->n_in_order % N_SAMPLES,
          "sample %d of text %d is number %d", r->sample, r->number, w->n_in_order);
    w->n_in_order++;
    r->n_lines++;
    return NO_PROBLEM;
}

// Long enough for others to get a processor meanwhile, even if there is only one.
static void work(void)
{
    for (volatile int i = 0; i < 20000; i++) {}
}

// Like a batch of three, which decodes nothing. What it got last is done first.
static void take_all(void *context, int part, int first, int last)
{
    (void)part, (void)first, (void)last;
    Queue *q = context;
    Request *r[3];
    for (;;) {
        int n = 0;
        while (n < 3 && (r[n] = queue_next(q, n))) n++;
        if (!n) return;
        while (n > 0) {
            work();
            queue_done(q, r[--n]);
        }
    }
}

static void real_threads(void)
{
    World w;
    world_new(&w, 6, N_SAMPLES, 1);
    w.queue.print = count_in_order;
    Workers *team = workers_new(4);
    queue_share(&w.queue, team, take_all, &w.queue);
    CHECK(w.n_in_order == 6 * N_SAMPLES, "%d requests were printed", w.n_in_order);
    workers_free(team);
    world_free(&w);
}

// A line of progress is overwritten, not too often, and it is gone where another line is printed. From here
// on stderr is a file, so this test is the last.
static void progress(void)
{
    static const char path[] = TEST_DIR "/queue-stderr.txt";
    static char *const words[] = {"1 8", "x", "3 8", "4 8"};
    static const char expected[] = "1 of 4 texts, 0.0 per second\r\033[K"
                                   "error: text 2: expected token ids from 0 to 101, found \"x\"\n"
                                   "2 of 4 texts, 0.0 per second\r\033[K3 of 4 texts, 0.0 per "
                                   "second\r\033[K5 texts, 0.0 per second\r\033[K";
    const double never = 1e18, ago = 1e6; // so long that little is done per second
    World w;
    world_new(&w, 4, 2, 1);
    w.queue.texts.words = words;
    Progress *p = &w.queue.progress;
    *p = progress_new(texts_count(&w.queue.texts));
    p->start -= ago;
    CHECK(freopen(path, "wb", stderr), "stderr to a file");
    for (int i = 0; i < 6; i++) {
        p->next = i == 1 || i == 3 ? 0 : never; // but the second text, which is bad, sets it to 0
        queue_done(&w.queue, queue_next(&w.queue, 0));
        CHECK(p->next > p->start + ago + 0.1, "request %d: it may change again %g s after the start", i,
              p->next - p->start - ago);
    }
    p->next = 0;
    progress_show(p, 5); // of a file that has grown
    progress_hide(p);
    fflush(stderr);
    Bytes said = file_bytes(path);
    CHECK(!strcmp(said.bytes, expected), "expected\n%s\nfound\n%s", expected, said.bytes);
    bytes_free(&said);
    world_free(&w);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"results are printed in the order of their texts", in_order_of_input},
        {"samples of a text share no memory", samples_are_independent},
        {"few texts are spread over all threads", fair_shares},
        {"threads take all requests of a queue and none twice", real_threads},
        {"progress is one line and disturbs no other", progress},
    };
    return RUN_TESTS(tests);
}
