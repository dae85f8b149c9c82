// SPDX-License-Identifier: MIT
// bench.c -- what does a cache of keys and values buy on this machine, and why not more?
//
//   build/bench > bench.tsv            a few minutes; build/plot < bench.tsv > speedup.svg draws it
//   build/bench data/marian            the same, and also for a small trained model
//
// Sections, in this order:
//   limits    what the machine can do: arithmetic in registers, reading memory
//   matmul    a product of M rows, as a fraction of these limits
//   stages    n tokens without and with a cache: time, speed-up beside (n + 1) / 2, fraction of the limits,
//             bytes of the cache
//   beams     several hypotheses: cost of a step, and of reordering the cache
//   batch     several texts: tokens per second
//   threads   with --threads above 1: against one thread
// Everything is measured once per round, in several rounds, and the medians are printed: see bench_results.h.
//
// stdout: lines of TAB-separated values, and remarks in lines that begin with #. stderr: progress.
#include "bench.h"
#include "cli.h"
#include "program.h"
#include <stdio.h>
#include <string.h>

enum { TEXTBOOK_EVERY = 3, MAX_SUBJECTS = 2 };

typedef struct {
    int rounds, n_threads, megabytes, max_tokens;
    bool quick;
    char shape_text[80];
    Shape shape;
    int n_source;
    const char *directory; // NULL: none
} Choices;

bool textbook_round(const Bench *bench) { return bench->round % TEXTBOOK_EVERY == 0; }

void bench_limits(Bench *bench)
{
    const char *const section = bench->results.section, *const model = bench->results.model;
    bench->limits = limits_measure(&bench->buffer, bench->workers, bench->min_seconds);
    results_begin(&bench->results, "limits", "-");
    results_add(&bench->results, "arithmetic", bench->n_threads, "peak", bench->limits.peak, "GFLOP/s");
    results_add(&bench->results, "memory", bench->n_threads, "1 stream", bench->limits.one_stream, "GB/s");
    results_add(&bench->results, "memory", bench->n_threads, "8 streams", bench->limits.streams, "GB/s");
    results_begin(&bench->results, section, model);
}

// ---- what ran where ---------------------------------------------------------------------------------------

// The name of the CPU, where the system has a file that names it (Linux).
static void print_cpu(void)
{
    char line[256], name[256] = "unknown";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon) continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (file) fclose(file);
    printf("# cpu\t%s\n", name);
}

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#elif defined __GNUC__
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif
#ifdef __AVX512F__
#define VECTORS "AVX-512"
#elif defined __AVX2__
#define VECTORS "AVX2"
#elif defined __SSE2__
#define VECTORS "SSE2"
#elif defined __ARM_NEON
#define VECTORS "NEON"
#else
#define VECTORS "unknown"
#endif
#if defined __FMA__ || defined __ARM_FEATURE_FMA
#define MULTIPLY_ADD "fused multiply-add"
#else
#define MULTIPLY_ADD "no fused multiply-add"
#endif
#ifndef COMPILER_FLAGS
#define COMPILER_FLAGS "unknown"
#endif

static void print_preamble(const Choices *choices)
{
    print_cpu();
    printf("# compiler\t%s\n# flags\t%s\n", COMPILER, COMPILER_FLAGS);
    printf("# vectors\t%s, %s, panels of %d\n", VECTORS, MULTIPLY_ADD, PANEL_WIDTH);
    printf("# threads\t%d\n# rounds\t%d\n# memory read\t%d MB\n", choices->n_threads, choices->rounds,
           choices->megabytes);
    puts("# checked\tstep 10 has the same bits with and without cache, and with both kernels\n"
         "# n\trows M in matmul; tokens in stages; beams; texts; threads\n"
         "# 03\twithout cache: some of the n steps, and the times between them interpolated\n"
         "# 04\twith cache: all n steps; textbook: some\n"
         "# 03 / 04\tof the steps; for few tokens it can be more than (n + 1) / 2, as 03 computes the keys "
         "and values\n"
         "#\tof the source in each step. \"With source\": including the encoder, and for 04 these");
}

static void print_subject(const Subject *s)
{
    const StackShape *d = &s->packed.config.decoder;
    printf("# model\t%s\tD %d, %d layers, %d heads, F %d, V %d, S %d; %.1f MB of weights per token\n",
           s->name, s->packed.config.d_model, d->n_layers, d->n_heads, d->d_ff, s->packed.config.vocab,
           s->n_source, step_weight_bytes(s) * 1e-6);
}

// ---- rounds -----------------------------------------------------------------------------------------------

static void one_round(Bench *bench, Subject *subjects, int n_subjects)
{
    typedef void Section(Bench * bench, Subject * subject);
    static Section *const sections[] = {bench_stages, bench_beams, bench_batches, bench_threads};
    static const char *const names[] = {"stages", "beams", "batch", "threads"};
    bench_limits(bench);
    fprintf(stderr, "round %d: matmul", bench->round + 1);
    bench_matmul(bench);
    for (int i = 0; i < (bench->n_threads > 1 ? 4 : 3); i++) {
        fprintf(stderr, ", %s", names[i]);
        for (int s = 0; s < n_subjects; s++) sections[i](bench, &subjects[s]);
    }
    fprintf(stderr, "\n");
}

// Returns the number of subjects; 0 with an error.
static int subjects_new(Subject *subjects, const Choices *c, Error *error)
{
    if (c->directory && !subject_load(&subjects[1], c->directory, c->max_tokens, c->n_threads, error))
        return 0;
    subject_synthetic(&subjects[0], c->shape_text, &c->shape, c->n_source, c->max_tokens, c->n_threads);
    return c->directory ? 2 : 1;
}

static int run_benchmark(const Choices *c)
{
    Error error = {0};
    Arena arena = {0};
    Subject subjects[MAX_SUBJECTS];
    const int n = subjects_new(subjects, c, &error);
    for (int i = 0; i < n && !error.set; i++) bench_check(&subjects[i], &error);
    if (!error.set) {
        Bench bench = {.n_threads = c->n_threads, .quick = c->quick, .min_seconds = c->quick ? 1e-4 : 2e-2};
        bench.buffer = read_buffer_new(&arena, (size_t)c->megabytes * 1000000 / sizeof(float));
        bench.workers = workers_new(c->n_threads);
        print_preamble(c);
        for (int i = 0; i < n; i++) print_subject(&subjects[i]);
        for (; bench.round < c->rounds; bench.round++) one_round(&bench, subjects, n);
        results_print(&bench.results);
        results_free(&bench.results);
        workers_free(bench.workers);
    }
    for (int i = 0; i < n; i++) subject_free(&subjects[i]);
    arena_free(&arena);
    return error.set ? report(&error) : 0;
}

// ---- the command line -------------------------------------------------------------------------------------

// Take "--shape TEXT" or "--shape=TEXT" out of the arguments: no kind of option in cli.h has a text as value.
static void take_shape(Choices *c, int *argc, char **argv)
{
    static const char name[] = "--shape";
    const size_t length = sizeof name - 1;
    for (int i = 1; i < *argc && strcmp(argv[i], "--"); i++) {
        const bool joined = !strncmp(argv[i], name, length) && argv[i][length] == '=';
        if (!joined && (strcmp(argv[i], name) || i + 1 == *argc)) continue;
        snprintf(c->shape_text, sizeof c->shape_text, "%s", joined ? argv[i] + length + 1 : argv[i + 1]);
        *argc -= joined ? 1 : 2;
        memmove(argv + i, argv + i + (joined ? 1 : 2), (*argc - i) * sizeof *argv);
        return;
    }
}

static bool parse_shape(Choices *c)
{
    enum { MAX_SIZE = 1 << 20 };
    Shape *s = &c->shape;
    char more;
    int *numbers[] = {&s->d_model, &s->n_layers, &s->d_ff, &s->vocab, &c->n_source};
    if (sscanf(c->shape_text, "%d,%d,%d,%d,%d%c", numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
               &more) != 5)
        return false;
    for (int i = 0; i < 5; i++)
        if (*numbers[i] < 1 || *numbers[i] > MAX_SIZE) return false;
    return s->vocab >= 32 && s->d_model >= 2; // so that 8 beams have something to choose from
}

int main(int argc, char **argv)
{
    enum { MAX_TOKENS = 500, MEGABYTES = 384, QUICK_TOKENS = 20, QUICK_MEGABYTES = 16 };
    Choices c = {.n_threads = 1, .shape_text = "512,6,2048,8000,64"}; // rounds and megabytes 0: not given
    const Option options[] = {
        // take_shape() has taken this one: the row is for --help, and for a --shape without a value
        OPT_INT("--shape", "D,L,F,V,S", &(int){0}, 0, 0,
                "the generated model: d_model, layers, feed-forward, vocabulary, source (default "
                "512,6,2048,8000,64)"),
        OPT_INT("--rounds", "N", &c.rounds, 1, 1000,
                "measure everything N times and print the medians (default 7)"),
        OPT_INT("--threads", "N", &c.n_threads, 1, 256,
                "threads (default 1); above 1: also compared with one"),
        OPT_INT("--megabytes", "N", &c.megabytes, 16, 65536,
                "memory to read, several times the last cache (default 384)"),
        OPT_FLAG("--quick", &c.quick,
                 "one round, 16 megabytes, 20 tokens: to see that it runs, not to measure"),
        OPT_END,
    };
    const Command command = {
        .usage = "bench [MODEL] [options]",
        .about = "Measures the limits of the machine, the kernels as a share of them, and "
                 "what a cache of keys and values buys: on a\n"
                 "generated model, and on the one in the directory MODEL. "
                 "Prints a table of TAB-separated values.",
        .example = "build/bench --shape 256,3,1024,4000,32 --rounds 3",
        .max_words = 1,
        .options = {options},
    };
    take_shape(&c, &argc, argv);
    const int n_words = cli_parse(&command, argc, argv);
    if (!parse_shape(&c))
        cli_error(&command, "--shape: expected five numbers such as 512,6,2048,8000,64, found \"%s\"",
                  c.shape_text);
    c.max_tokens = c.quick ? QUICK_TOKENS : MAX_TOKENS;
    if (!c.rounds) c.rounds = c.quick ? 1 : 7;
    if (!c.megabytes) c.megabytes = c.quick ? QUICK_MEGABYTES : MEGABYTES;
    c.directory = n_words ? argv[1] : NULL;
    return run_benchmark(&c);
}
