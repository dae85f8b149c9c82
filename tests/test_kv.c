// SPDX-License-Identifier: MIT
// Lists of keys and values: what they hold, how they share blocks, and the sums over them, by bits; with
// numbers of every type, as this type can hold them (rounded.h).
#include "check.h"
#include "rounded.h"
#include "tensor/tensor.h"

enum { MAX = 75, LISTS = 3 };

// The number at column i of the key (or value) of position k of a list.
static float number(int list, bool value, int k, int i)
{
    return (float)((list * 131 + value * 57 + k * 31 + i * 17) % 101 - 50) * 0.02f;
}

static void append(KV *kv, int list)
{
    float key[MAX], value[MAX];
    const int k = kv->length, kv_width = kv->pool->n_heads * kv->pool->head_dim;
    for (int i = 0; i < kv_width; i++)
        key[i] = number(list, false, k, i), value[i] = number(list, true, k, i);
    kv_append(kv, kv->pool->type == KV_ROWS ? NULL : key, value, 1);
}

// A pool, and the numbers of lists as its type can hold them.
typedef struct {
    KVPool pool;
    float keys[LISTS][MAX][MAX], values[LISTS][MAX][MAX];
} Subject;

static Subject *subject_new(KVType type, int H, int Dh)
{
    Subject *s = memory_resize(NULL, 1, sizeof *s);
    s->pool = type == KV_ROWS ? kv_pool(type, 1, H * Dh) : kv_pool(type, H, Dh);
    s->pool.poison = true;
    for (int list = 0; list < LISTS; list++)
        for (int k = 0; k < MAX; k++) {
            float *key = s->keys[list][k], *value = s->values[list][k];
            for (int i = 0; i < H * Dh; i++)
                key[i] = number(list, false, k, i), value[i] = number(list, true, k, i);
            round_row(key, &s->pool);
            round_row(value, &s->pool);
        }
    return s;
}

static void subject_free(Subject *s)
{
    CHECK(s->pool.blocks_live == 0, "%zu blocks leaked", s->pool.blocks_live);
    kv_pool_free(&s->pool);
    memory_resize(s, 0, 0);
}

// Scores and mix of the first n keys against the definition: one sum each, in order. from[k]: the list from
// which the numbers of position k are.
static void check_sums(const Subject *s, const KV *kv, int n, const int *from)
{
    const int H = kv->pool->n_heads, Dh = kv->pool->head_dim;
    float query[MAX], scores[8 * MAX], probabilities[8 * MAX], mixed[MAX], expected[8 * MAX] = {0};
    for (int i = 0; i < H * Dh; i++) query[i] = (float)(i % 7 - 3) * 0.3f;
    for (int i = 0; i < H * n; i++) probabilities[i] = (float)(i % 5 + 1) * 0.1f;
    kv_scores(scores, query, 1, kv, n, 0);
    for (int h = 0; h < H; h++)
        for (int k = 0; k < n; k++)
            for (int d = 0; d < Dh; d++)
                expected[h * n + k] =
                    MADD(query[h * Dh + d], s->keys[from[k]][k][h * Dh + d], expected[h * n + k]);
    CHECK_BITS(scores, expected, (size_t)H * n, "scores");
    kv_mix(mixed, probabilities, 1, kv, n, 0);
    memset(expected, 0, sizeof expected);
    for (int h = 0; h < H; h++)
        for (int k = 0; k < n; k++)
            for (int d = 0; d < Dh; d++)
                expected[h * Dh + d] =
                    MADD(probabilities[h * n + k], s->values[from[k]][k][h * Dh + d], expected[h * Dh + d]);
    CHECK_BITS(mixed, expected, (size_t)H * Dh, "mix");
}

// All that a list holds.
static void check_list(const Subject *s, const KV *kv, const int *from)
{
    const size_t D = kv->pool->head_dim;
    float rows[MAX * MAX];
    if (kv->pool->type != KV_ROWS) {
        check_sums(s, kv, kv->length, from);
        return;
    }
    kv_read_rows(rows, kv);
    for (int k = 0; k < kv->length; k++) CHECK_BITS(rows + k * D, s->values[from[k]][k], D, "row");
}

// [KV-10, 17, 19, 24, 28, 31] Every length up to several blocks, H unequal to Dh, NaN in unused positions.
static void sums(void)
{
    static const int shapes[][2] = {{1, 1},  {2, 5},  {5, 2},  {3, 8},  {4, 16},
                                    {1, 20}, {2, 24}, {3, 17}, {2, 32}, {1, 64}};
    const int from[MAX] = {0};
    for (KVType type = KV_F32; type < KV_ROWS; type++)
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            Subject *s = subject_new(type, shapes[i][0], shapes[i][1]);
            KV kv = kv_new(&s->pool);
            check_sums(s, &kv, 0, from); // no key at all: 0
            while (kv.length < MAX) {
                append(&kv, 0);
                check_sums(s, &kv, kv.length, from);
                check_sums(s, &kv, (kv.length + 1) / 2, from); // a row that sees only part of the list
            }
            kv_drop(&kv);
            subject_free(s);
        }
}

// [KV-11, 61] Rows together, of which each sees one key more than the one before, or all the same: the bits
// of each row alone. Nothing is written behind a row's scores.
static void check_rows(const KV *kv, int n_rows, int n_keys, int more)
{
    enum { ROWS = 27 };
    const float untouched = 12345;
    const int H = kv->pool->n_heads, kv_width = H * kv->pool->head_dim, most = n_keys + (n_rows - 1) * more;
    const size_t stride = (size_t)H * most;
    float queries[ROWS * MAX], mixed[ROWS * MAX], alone[5 * MAX], mixed_alone[MAX];
    Arena arena = {0};
    float *scores = arena_floats(&arena, n_rows, stride + 1);
    for (int i = 0; i < n_rows * kv_width; i++) queries[i] = (float)(i % 23 - 11) * 0.1f, mixed[i] = NAN;
    for (size_t i = 0; i < n_rows * stride; i++) scores[i] = untouched;
    kv_scores(scores, queries, n_rows, kv, n_keys, more);
    kv_mix(mixed, scores, n_rows, kv, n_keys, more);
    for (int r = 0; r < n_rows; r++) {
        const int n = n_keys + r * more;
        kv_scores(alone, queries + r * kv_width, 1, kv, n, 0);
        kv_mix(mixed_alone, alone, 1, kv, n, 0);
        CHECK_BITS(scores + r * stride, alone, (size_t)H * n, "scores of a row");
        CHECK_BITS(mixed + r * kv_width, mixed_alone, (size_t)kv_width, "mix of a row");
        for (size_t i = (size_t)H * n; i < stride; i++)
            CHECK(scores[r * stride + i] == untouched, "row %d: float %zu behind its scores is written", r,
                  i);
    }
    arena_free(&arena);
}

static void rows_together(void)
{
    static const int shapes[][2] = {{1, 1}, {5, 2}, {3, 8}, {1, 20}, {3, 17}, {2, 32}, {1, 64}, {1, 75}};
    static const int counts[] = {1, 2, 3, 5, 6, 7, 8, 13, 24, 27};
    for (KVType type = KV_F32; type < KV_ROWS; type++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            KVPool pool = kv_pool(type, shapes[s][0], shapes[s][1]);
            pool.poison = true;
            KV kv = kv_new(&pool);
            while (kv.length < MAX) append(&kv, 0);
            for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
                for (int more = 0; more <= 1; more++)
                    for (int n = more; n + (counts[i] - 1) * more <= MAX; n++)
                        check_rows(&kv, counts[i], n, more);
            kv_drop(&kv);
            kv_pool_free(&pool);
        }
}

// Rows appended together lie where they would lie one by one, whatever the block has already.
static void check_appended(KVType type, int before, int n)
{
    enum { H = 2, Dh = 3, WIDTH = H * Dh, N = 40 };
    float rows[2][N * WIDTH], *keys = rows[0], *values = rows[1];
    for (int i = 0; i < N * WIDTH; i++) keys[i] = (float)i, values[i] = (float)-i;
    const bool no_keys = type == KV_ROWS;
    KVPool pool = no_keys ? kv_pool(type, 1, WIDTH) : kv_pool(type, H, Dh);
    KV one = kv_new(&pool), all = kv_new(&pool);
    for (int k = 0; k < before + n; k++)
        kv_append(&one, no_keys ? NULL : keys + k * WIDTH, values + k * WIDTH, 1);
    kv_append(&all, no_keys ? NULL : keys, values, before);
    kv_append(&all, no_keys ? NULL : keys + before * WIDTH, values + before * WIDTH, n);
    CHECK(all.length == before + n, "length %d, expected %d", all.length, before + n);
    for (int b = 0; b * KV_BLOCK < before + n; b++)
        CHECK(!memcmp(kv_debug_block(&all, b), kv_debug_block(&one, b), kv_block_bytes(&pool)),
              "type %d: %d rows behind %d: block %d differs", (int)type, n, before, b);
    kv_drop(&one);
    kv_drop(&all);
    kv_pool_free(&pool);
}

static void appended_together(void)
{
    for (KVType type = KV_F32; type <= KV_ROWS; type++)
        for (int before = 0; before < 20; before++)
            for (int n = 1; before + n <= 40; n++) check_appended(type, before, n);
}

// [KV-17, 19] The probability of the only key is 1, so the mix is exactly its value; without any key it is 0.
static void one_key_and_none(void)
{
    for (KVType type = KV_F32; type < KV_ROWS; type++)
        for (int H = 1; H <= 5; H++) {
            const int Dh = 3 * H;
            Subject *s = subject_new(type, H, Dh);
            KV kv = kv_new(&s->pool);
            float query[5 * 15], probabilities[5], mixed[5 * 15], zero[5 * 15] = {0};
            for (int i = 0; i < H * Dh; i++) query[i] = (float)i - 3, mixed[i] = NAN;
            kv_mix(mixed, probabilities, 1, &kv, 0, 0);
            CHECK_BITS(mixed, zero, (size_t)H * Dh, "no key");
            append(&kv, 0);
            kv_scores(probabilities, query, 1, &kv, 1, 0);
            softmax(probabilities, H, 1);
            kv_mix(mixed, probabilities, 1, &kv, 1, 0);
            CHECK_BITS(mixed, s->values[0][0], (size_t)H * Dh, "one key");
            kv_drop(&kv);
            subject_free(s);
        }
}

// ---- sharing, copying, forgetting -------------------------------------------------------------------------

// Bytes that are copied with a block of which n positions are in use: its keys, scales, and so many values.
static size_t bytes_of_copy(const KVPool *pool, int n)
{
    const int together = pool->type == KV_F16 ? 2 : pool->type == KV_INT8 ? 4 : 1; // values in a word
    const size_t scales = pool->type == KV_INT8 ? pool->n_heads * sizeof(float) : 0;
    const size_t values = kv_value_bytes(pool) - scales; // of a position
    return KV_BLOCK * (kv_key_bytes(pool) + scales) +
           (size_t)(n + together - 1) / together * together * values;
}

// [KV-55] A shared block is copied before it is written; the reference counts are right, and end at zero.
static void check_shared(KVType type, int n)
{
    Subject *s = subject_new(type, 2, 3);
    KV a = kv_new(&s->pool), b = kv_new(&s->pool), c = kv_new(&s->pool);
    int from_a[MAX] = {0}, from_b[MAX] = {0};
    while (a.length < n) append(&a, 0);
    const int last = (n - 1) / KV_BLOCK;
    kv_share(&b, &a);
    kv_share(&c, &b);
    CHECK(kv_references(&a, last) == 3 && s->pool.bytes_copied == 0, "sharing copies nothing");
    for (int k = n; k < n + 3; k++) {
        append(&a, 1);
        append(&b, 2);
        from_a[k] = 1, from_b[k] = 2;
    }
    const size_t expected = n % KV_BLOCK ? 2 * bytes_of_copy(&s->pool, n % KV_BLOCK) : 0;
    CHECK(s->pool.bytes_copied == expected,
          "of three lists of length %d two grew: %llu bytes copied, expected %zu", n,
          (unsigned long long)s->pool.bytes_copied, expected);
    check_list(s, &a, from_a);
    check_list(s, &b, from_b);
    check_list(s, &c, from_a);
    kv_drop(&a);
    check_list(s, &b, from_b);
    append(&c, 0); // the only owner left writes in place
    CHECK(s->pool.bytes_copied == expected, "the block of a single list is copied");
    kv_drop(&b);
    kv_drop(&c);
    subject_free(s);
}

static void sharing(void)
{
    for (KVType type = KV_F32; type <= KV_ROWS; type++)
        for (int n = 1; n <= 34; n++) check_shared(type, n);
}

static void copying(void)
{
    const int from[MAX] = {0};
    for (KVType type = KV_F32; type <= KV_ROWS; type++) {
        Subject *s = subject_new(type, 2, 4);
        KV a = kv_new(&s->pool), b = kv_new(&s->pool);
        while (a.length < 21) append(&a, 0);
        kv_copy(&b, &a);
        CHECK(kv_references(&a, 0) == 1 && kv_references(&b, 1) == 1, "a copy shares nothing");
        CHECK(s->pool.bytes_copied == bytes_of_copy(&s->pool, KV_BLOCK) + bytes_of_copy(&s->pool, 5),
              "%llu bytes copied", (unsigned long long)s->pool.bytes_copied);
        append(&a, 1);
        check_list(s, &b, from);
        kv_drop(&a);
        kv_drop(&b);
        subject_free(s);
    }
}

// [KV-29, 55] Of n positions a list keeps some, and goes on as if it never had the others: blocks behind them
// return, and no other is written. Another list that shares the blocks notices nothing.
static void check_truncated(Subject *s, int n, int kept, bool shared)
{
    enum { BLOCKS = 4 };
    const size_t bytes = kv_block_bytes(&s->pool);
    const int blocks = (n + KV_BLOCK - 1) / KV_BLOCK, blocks_kept = (kept + KV_BLOCK - 1) / KV_BLOCK;
    const int live = shared ? blocks : blocks_kept;
    KV kv = kv_new(&s->pool), other = kv_new(&s->pool);
    int from[MAX] = {0};
    Arena arena = {0};
    char *before = arena_alloc(&arena, BLOCKS, bytes);
    while (kv.length < n) append(&kv, 0);
    if (shared) kv_share(&other, &kv);
    for (int b = 0; b < blocks; b++) memcpy(before + b * bytes, kv_debug_block(&kv, b), bytes);
    kv_truncate(&kv, kept);
    CHECK(kv.length == kept && s->pool.blocks_live == (size_t)live, "%d positions of %d: %zu blocks, not %d",
          kept, n, s->pool.blocks_live, live);
    for (int b = 0; b < blocks_kept; b++)
        CHECK(kv_references(&kv, b) == 1 + shared &&
                  !memcmp(kv_debug_block(&kv, b), before + b * bytes, bytes),
              "%d positions of %d: block %d has other numbers or references", kept, n, b);
    for (int k = kept; k < kept + 3; k++) {
        check_list(s, &kv, from);
        append(&kv, 1);
        from[k] = 1;
    }
    for (int b = 0; b < blocks && shared; b++)
        CHECK(!memcmp(kv_debug_block(&other, b), before + b * bytes, bytes),
              "%d positions of %d: then block %d of the other list has other numbers", kept, n, b);
    kv_drop(&other);
    check_list(s, &kv, from);
    kv_drop(&kv);
    arena_free(&arena);
}

static void truncating(void)
{
    for (KVType type = KV_F32; type <= KV_ROWS; type++) {
        Subject *s = subject_new(type, 2, 3);
        for (int n = 0; n <= 50; n += n % KV_BLOCK == 2 ? 13 : 1) // around the ends of blocks
            for (int kept = 0; kept <= n; kept++)
                for (int shared = 0; shared <= 1; shared++) check_truncated(s, n, kept, shared);
        subject_free(s);
    }
}

// [KV-10, 55] A new or freed block is filled with NaN, which shows in the output of whoever reads it.
static void poison(void)
{
    for (KVType type = KV_F32; type <= KV_ROWS; type++) {
        Subject *s = subject_new(type, 1, 4);
        KV kv = kv_new(&s->pool);
        append(&kv, 0);
        if (type != KV_ROWS) {
            const float query[4] = {1, 1, 1, 1}, probabilities[2] = {0.5f, 0.5f};
            float scores[2], mixed[4];
            KV longer = kv;
            longer.length = 2; // the second position is not in use
            kv_scores(scores, query, 1, &longer, 2, 0);
            kv_mix(mixed, probabilities, 1, &longer, 2, 0);
            CHECK(!isnan(scores[0]), "a key in use is not a number");
            CHECK(isnan(scores[1]) && isnan(mixed[0]) && isnan(mixed[3]), "unused key and value: %g, %g",
                  (double)scores[1], (double)mixed[0]);
        }
        const float *block = kv_debug_block(&kv, 0);
        kv_drop(&kv);
        for (size_t i = 0; i < kv_block_bytes(&s->pool) / sizeof *block; i++)
            CHECK(isnan(block[i]), "float %zu is not NaN", i);
        subject_free(s);
    }
}

// [KV-32] What a position takes, and a block; in size_t: the first four blocks are more than an int can hold,
// even in words.
static void sizes(void)
{
    static const struct {
        KVType type;
        int H, Dh;
        size_t key, value; // bytes of a position
    } sizes[] = {
        {KV_F32, 1 << 14, 1 << 14, (size_t)4 << 28, (size_t)4 << 28},
        {KV_F16, 1 << 14, 1 << 15, (size_t)2 << 29, (size_t)2 << 29},
        {KV_INT8, 1 << 14, 1 << 16, ((size_t)1 << 30) + (4 << 14), ((size_t)1 << 30) + (4 << 14)},
        {KV_ROWS, 1, 1 << 29, 0, (size_t)4 << 29},
        {KV_F32, 3, 5, 60, 60},
        {KV_F16, 3, 5, 36, 30},  // a key as if it had 6 numbers,
        {KV_INT8, 3, 5, 36, 27}, // or 8; and scales
        {KV_ROWS, 1, 15, 0, 60},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const KVPool pool = kv_pool(sizes[i].type, sizes[i].H, sizes[i].Dh);
        CHECK(kv_key_bytes(&pool) == sizes[i].key && kv_value_bytes(&pool) == sizes[i].value &&
                  kv_block_bytes(&pool) == KV_BLOCK * (sizes[i].key + sizes[i].value),
              "sizes %zu: %zu and %zu bytes, expected %zu and %zu; a block %zu", i, kv_key_bytes(&pool),
              kv_value_bytes(&pool), sizes[i].key, sizes[i].value, kv_block_bytes(&pool));
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"scores and mixes of keys and values are single sums in order", sums},
        {"attention to a single key gives its value, and to no key 0", one_key_and_none},
        {"rows that are looked up together have the bits of each alone", rows_together},
        {"rows that are appended together lie as if one by one", appended_together},
        {"a shared block is copied before it is written", sharing},
        {"a copied list shares nothing", copying},
        {"a list that forgets its end is as if it never had it", truncating},
        {"a freed block is filled with NaN", poison},
        {"sizes of blocks do not overflow", sizes},
    };
    return RUN_TESTS(tests);
}
