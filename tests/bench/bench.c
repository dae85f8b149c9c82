// SPDX-License-Identifier: MIT
// bench.c -- what does a cache of keys and values buy on this machine, and why not more?
//
//   build/bench > bench.tsv                a few minutes; build/plot < bench.tsv > speedup.svg draws it
//   build/bench data/marian                the same, and also for a small trained model
//   build/bench --sections small,prefill   only these, and the limits
//
// Sections, in this order:
//   limits      what the machine can do: arithmetic in registers, reading memory
//   matmul      a product of M rows, as a fraction of these limits
//   small       the same for the products of data/marian
//   stages      n tokens without and with a cache: time, speed-up beside (n + 1) / 2, fraction of the limits,
//               bytes of the cache
//   beams       several hypotheses: cost of a step, and of reordering the cache
//   batch       several texts: tokens per second
//   threads     with --threads above 1: against one thread, for one text and for several
//   prefill     reading prompts of 128 to 4,000 tokens: fraction of the peak, share of attention
//   contexts    a token behind 500 to 8,000 others: fraction of the limit of memory
//   vocabulary  4 beams in a model of GPT-2's size: share of the search
//   types       a token behind 500 and 2,000 others: time and bytes of the cache with f32, f16 and int8
//   layers      the same behind 64 and 256, with keys and values kept in all, half or none of the layers
//   drafts      guessing ahead: speed-up if guesses are right with a probability of 0 to 1
// Everything is measured once per round, in several rounds, and the medians are printed: see bench_results.h.
//
// stdout: lines of TAB-separated values, and remarks in lines that begin with #. stderr: progress.
#include "bench.h"
#include "cli.h"
#include "program.h"
#include <stdio.h>
#include <string.h>

enum { SLOW_EVERY = 3 };

// What is measured: the generated model and the one of a directory; for long texts the generated model's
// decoder alone; for a large vocabulary another such decoder.
enum { GENERATED, GIVEN, DECODER, LARGE, N_SUBJECTS };
enum { COMPARED = 1 << GENERATED | 1 << GIVEN }; // with stage 03 and with the textbook kernel

static const struct {
    const char *name;
    Section *measure;
    unsigned subjects; // one bit each; 0: it needs none
} sections[] = {
    {"matmul", bench_matmul, 0},
    {"small", bench_small, 0},
    {"stages", bench_stages, COMPARED},
    {"beams", bench_beams, COMPARED},
    {"batch", bench_batches, COMPARED},
    {"threads", bench_threads, COMPARED},
    {"prefill", bench_prefill, 1 << DECODER},
    {"contexts", bench_contexts, 1 << DECODER},
    {"vocabulary", bench_vocabulary, 1 << LARGE},
    {"types", bench_types, 1 << DECODER},
    {"layers", bench_layers, 1 << DECODER},
    {"drafts", bench_drafts, 1 << GENERATED},
};
enum { N_SECTIONS = sizeof sections / sizeof *sections };

typedef struct {
    int rounds, n_threads, megabytes; // 0: not given
    bool quick;
    const char *shape_text, *sections_text;
    Shape shape;
    int n_source;
    bool selected[N_SECTIONS];
    const char *directory; // NULL: none
} Choices;

bool slow_round(const Bench *bench) { return bench->round % SLOW_EVERY == 0; }

// One bit for each subject that a selected section needs.
static unsigned needed(const Choices *c)
{
    unsigned subjects = 0;
    for (int i = 0; i < N_SECTIONS; i++)
        if (c->selected[i]) subjects |= sections[i].subjects;
    return c->directory ? subjects : subjects & ~(1u << GIVEN);
}

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
    puts("# n\trows M in matmul and small; tokens in stages, prefill, contexts, types and layers; beams; "
         "texts; "
         "threads; guesses in drafts");
    if (!(needed(choices) & COMPARED)) return;
    puts("# checked\tstep 10 has the same bits with and without cache, and with both kernels\n"
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

static void one_round(Bench *bench, const Choices *c, Subject *subjects)
{
    bench_limits(bench);
    fprintf(stderr, "round %d:", bench->round + 1);
    for (int i = 0; i < N_SECTIONS; i++) {
        if (!c->selected[i]) continue;
        fprintf(stderr, " %s", sections[i].name);
        if (!sections[i].subjects) sections[i].measure(bench, NULL);
        for (int s = 0; s < N_SUBJECTS; s++)
            if (needed(c) & sections[i].subjects & 1u << s) sections[i].measure(bench, &subjects[s]);
    }
    fprintf(stderr, "\n");
}

// A decoder without an encoder, and its name.
static void decoder_new(Subject *s, Arena *names, Shape shape, int max_steps, int n_threads)
{
    char name[80];
    snprintf(name, sizeof name, "%d,%d,%d,%d", shape.d_model, shape.n_layers, shape.d_ff, shape.vocab);
    shape.decoder_only = true;
    subject_synthetic(s, arena_text(names, name, strlen(name)), &shape, 0, max_steps, n_threads);
}

static bool subjects_new(Subject *subjects, Arena *names, const Choices *c, Error *error)
{
    enum { TOKENS = 500, QUICK_TOKENS = 20, LONG = 8000, QUICK_LONG = 512, FEW = 32 };
    const unsigned which = needed(c);
    const int tokens = c->quick ? QUICK_TOKENS : TOKENS;
    if (which & 1 << GIVEN && !subject_load(&subjects[GIVEN], c->directory, tokens, c->n_threads, error))
        return false;
    if (which & 1 << GENERATED)
        subject_synthetic(&subjects[GENERATED], c->shape_text, &c->shape, c->n_source, tokens, c->n_threads);
    if (which & 1 << DECODER)
        decoder_new(&subjects[DECODER], names, c->shape, c->quick ? QUICK_LONG : LONG, c->n_threads);
    Shape large = c->quick ? c->shape : (Shape){.d_model = 768, .n_layers = 12, .d_ff = 3072};
    large.vocab = 50257; // with all of these GPT-2's, 498 MB
    if (which & 1 << LARGE) decoder_new(&subjects[LARGE], names, large, FEW, c->n_threads);
    for (int i = 0; i < N_SUBJECTS && !error->set; i++)
        if (which & COMPARED & 1 << i) bench_check(&subjects[i], error);
    return !error->set;
}

static int run_benchmark(const Choices *c)
{
    Error error = {0};
    Arena arena = {0};
    Subject subjects[N_SUBJECTS] = {0};
    if (subjects_new(subjects, &arena, c, &error)) {
        Bench bench = {.n_threads = c->n_threads, .quick = c->quick, .min_seconds = c->quick ? 1e-4 : 2e-2};
        bench.buffer = read_buffer_new(&arena, (size_t)c->megabytes * 1000000 / sizeof(float));
        bench.workers = workers_new(c->n_threads);
        print_preamble(c);
        for (int i = 0; i < N_SUBJECTS; i++)
            if (needed(c) & 1 << i) print_subject(&subjects[i]);
        for (; bench.round < c->rounds; bench.round++) one_round(&bench, c, subjects);
        results_print(&bench.results);
        results_free(&bench.results);
        workers_free(bench.workers);
    }
    for (int i = 0; i < N_SUBJECTS; i++)
        if (subjects[i].name) subject_free(&subjects[i]);
    arena_free(&arena);
    return error.set ? report(&error) : 0;
}

// ---- the command line -------------------------------------------------------------------------------------

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

// False: one of the names is unknown.
static bool parse_sections(Choices *c)
{
    for (const char *name = c->sections_text;; name++) {
        const size_t length = strcspn(name, ",");
        int i = 0;
        while (i < N_SECTIONS &&
               (strlen(sections[i].name) != length || strncmp(sections[i].name, name, length)))
            i++;
        if (i == N_SECTIONS) return false;
        c->selected[i] = true;
        name += length;
        if (!*name) return true;
    }
}

int main(int argc, char **argv)
{
    enum { MEGABYTES = 384, QUICK_MEGABYTES = 16 };
    Choices c = {.n_threads = 1,
                 .shape_text = "512,6,2048,8000,64",
                 .sections_text = "matmul,small,stages,beams,batch,threads,prefill,contexts,vocabulary,types,"
                                  "layers,drafts"};
    const Option options[] = {
        OPT_TEXT("--shape", "D,L,F,V,S", &c.shape_text,
                 "the generated model: d_model, layers, feed-forward, vocabulary, source (default "
                 "512,6,2048,8000,64)"),
        OPT_TEXT("--sections", "NAME,...", &c.sections_text,
                 "what to measure (default: all of matmul, small, stages, beams, batch, threads, prefill, "
                 "contexts, vocabulary, types, layers, drafts)"),
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
                 "what a cache of keys and values buys: on a generated model, and on the one in the "
                 "directory MODEL. "
                 "Prints a table of TAB-separated values.",
        .example = "build/bench --shape 256,3,1024,4000,32 --rounds 3",
        .max_words = 1,
        .options = {options},
    };
    const int n_words = cli_parse(&command, argc, argv);
    if (!parse_shape(&c))
        cli_error(&command, "--shape: expected five numbers such as 512,6,2048,8000,64, found \"%s\"",
                  c.shape_text);
    if (!parse_sections(&c))
        cli_error(&command, "--sections: \"%s\" names one that is unknown", c.sections_text);
    if (!c.rounds) c.rounds = c.quick ? 1 : 7;
    if (!c.megabytes) c.megabytes = c.quick ? QUICK_MEGABYTES : MEGABYTES;
    c.directory = n_words ? argv[1] : NULL;
    return run_benchmark(&c);
}
