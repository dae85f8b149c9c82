// SPDX-License-Identifier: MIT
// Lists of keys and values: what they hold, how they share blocks, and the sums over them, by bits.
#include "check.h"
#include "tensor/kv.h"
#include "tensor/tensor.h"

enum { MAX = 75 };

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
    kv_append(kv, key, value, 1);
}

// Scores and mix of the first n keys against the definition: one sum each, in order. from[k]: the list from
// which the numbers of position k are.
static void check_sums(const KV *kv, int n, const int *from)
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
                    MADD(query[h * Dh + d], number(from[k], false, k, h * Dh + d), expected[h * n + k]);
    CHECK_BITS(scores, expected, (size_t)H * n, "scores");
    kv_mix(mixed, probabilities, 1, kv, n, 0);
    memset(expected, 0, sizeof expected);
    for (int h = 0; h < H; h++)
        for (int k = 0; k < n; k++)
            for (int d = 0; d < Dh; d++)
                expected[h * Dh + d] = MADD(probabilities[h * n + k], number(from[k], true, k, h * Dh + d),
                                            expected[h * Dh + d]);
    CHECK_BITS(mixed, expected, (size_t)H * Dh, "mix");
}

// [KV-10, 17, 19, 24, 28, 31] Every length up to several blocks, H unequal to Dh, NaN in unused positions.
static void sums(void)
{
    static const int shapes[][2] = {{1, 1},  {2, 5},  {5, 2},  {3, 8},  {4, 16},
                                    {1, 20}, {2, 24}, {3, 17}, {2, 32}, {1, 64}};
    const int from[MAX] = {0};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        KVPool pool = kv_pool(KV_F32, shapes[s][0], shapes[s][1]);
        pool.poison = true;
        KV kv = kv_new(&pool);
        check_sums(&kv, 0, from); // no key at all: 0
        while (kv.length < MAX) {
            append(&kv, 0);
            check_sums(&kv, kv.length, from);
            check_sums(&kv, (kv.length + 1) / 2, from); // a row that sees only part of the list
        }
        kv_drop(&kv);
        kv_pool_free(&pool);
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
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        KVPool pool = kv_pool(KV_F32, shapes[s][0], shapes[s][1]);
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
static void appended_together(void)
{
    enum { H = 2, Dh = 3, N = 40 };
    float keys[N * H * Dh], values[N * H * Dh];
    for (int i = 0; i < N * H * Dh; i++) keys[i] = (float)i, values[i] = (float)-i;
    for (int before = 0; before < 20; before++)
        for (int n = 1; before + n <= N; n++) {
            KVPool pool = kv_pool(KV_F32, H, Dh);
            KV one = kv_new(&pool), all = kv_new(&pool);
            for (int k = 0; k < before + n; k++) kv_append(&one, keys + k * H * Dh, values + k * H * Dh, 1);
            kv_append(&all, keys, values, before);
            kv_append(&all, keys + before * H * Dh, values + before * H * Dh, n);
            CHECK(all.length == before + n, "length %d, expected %d", all.length, before + n);
            for (int b = 0; b * KV_BLOCK < before + n; b++)
                CHECK_BITS(kv_debug_block(&all, b), kv_debug_block(&one, b),
                           kv_block_bytes(&pool) / sizeof(float), "block");
            kv_drop(&one);
            kv_drop(&all);
            kv_pool_free(&pool);
        }
}

// [KV-17, 19] The probability of the only key is 1, so the mix is exactly its value; without any key it is 0.
static void one_key_and_none(void)
{
    for (int H = 1; H <= 5; H++) {
        const int Dh = 3 * H;
        KVPool pool = kv_pool(KV_F32, H, Dh);
        pool.poison = true;
        KV kv = kv_new(&pool);
        float query[5 * 15], probabilities[5], mixed[5 * 15], value[5 * 15], zero[5 * 15] = {0};
        for (int i = 0; i < H * Dh; i++)
            query[i] = (float)i - 3, value[i] = number(0, true, 0, i), mixed[i] = NAN;
        kv_mix(mixed, probabilities, 1, &kv, 0, 0);
        CHECK_BITS(mixed, zero, (size_t)H * Dh, "no key");
        append(&kv, 0);
        kv_scores(probabilities, query, 1, &kv, 1, 0);
        softmax(probabilities, H, 1);
        kv_mix(mixed, probabilities, 1, &kv, 1, 0);
        CHECK_BITS(mixed, value, (size_t)H * Dh, "one key");
        kv_drop(&kv);
        kv_pool_free(&pool);
    }
}

// [KV-55] A shared block is copied before it is written; the reference counts are right, and end at zero.
static void sharing(void)
{
    KVPool pool = kv_pool(KV_F32, 2, 3);
    pool.poison = true;
    for (int n = 1; n <= 34; n++) {
        KV a = kv_new(&pool), b = kv_new(&pool), c = kv_new(&pool);
        int from_a[MAX] = {0}, from_b[MAX] = {0};
        while (a.length < n) append(&a, 0);
        const int last = (n - 1) / KV_BLOCK;
        const uint64_t copied = pool.bytes_copied;
        kv_share(&b, &a);
        kv_share(&c, &b);
        CHECK(kv_references(&a, last) == 3 && pool.bytes_copied == copied, "sharing copies nothing");
        for (int k = n; k < n + 3; k++) {
            append(&a, 1);
            append(&b, 2);
            from_a[k] = 1, from_b[k] = 2;
        }
        const size_t filled = (KV_BLOCK + n % KV_BLOCK) * 6 * sizeof(float); // keys are copied with the block
        const size_t expected = (n % KV_BLOCK ? 2 : 0) * filled, found = pool.bytes_copied - copied;
        CHECK(found == expected, "of three lists of length %d two grew: %zu bytes copied, expected %zu", n,
              found, expected);
        check_sums(&a, a.length, from_a);
        check_sums(&b, b.length, from_b);
        check_sums(&c, n, from_a);
        kv_drop(&a);
        check_sums(&b, b.length, from_b);
        append(&c, 0); // the only owner left writes in place
        kv_drop(&b);
        kv_drop(&c);
        CHECK(pool.blocks_live == 0, "%zu blocks leaked", pool.blocks_live);
    }
    kv_pool_free(&pool);
}

static void copying(void)
{
    const int from[MAX] = {0};
    KVPool pool = kv_pool(KV_F32, 2, 4);
    KV a = kv_new(&pool), b = kv_new(&pool);
    while (a.length < 20) append(&a, 0);
    kv_copy(&b, &a);
    CHECK(kv_references(&a, 0) == 1 && kv_references(&b, 1) == 1, "a copy shares nothing");
    CHECK(pool.bytes_copied == (2 * KV_BLOCK + 20) * 8 * sizeof(float), "%llu bytes copied",
          (unsigned long long)pool.bytes_copied);
    append(&a, 1);
    check_sums(&b, 20, from);
    kv_drop(&a);
    kv_drop(&b);
    kv_pool_free(&pool);
}

// [KV-55] A freed block is filled with NaN, which shows in the output of whoever still reads it.
static void poison(void)
{
    KVPool pool = kv_pool(KV_F32, 1, 4);
    pool.poison = true;
    KV kv = kv_new(&pool);
    append(&kv, 0);
    const float *block = kv_debug_block(&kv, 0);
    CHECK(block[0] == block[0], "a key in use is a number");
    kv_drop(&kv);
    for (size_t i = 0; i < kv_block_bytes(&pool) / sizeof *block; i++)
        CHECK(block[i] != block[i], "float %zu is not NaN", i);
    kv_pool_free(&pool);
}

// [KV-32] Sizes are computed in size_t: with this kv_width a block has more bytes than an int can hold.
static void sizes(void)
{
    const KVPool pool = kv_pool(KV_F32, 1 << 13, 1 << 13);
    CHECK(kv_block_bytes(&pool) == (size_t)2 * KV_BLOCK * ((size_t)1 << 26) * sizeof(float), "%zu bytes",
          kv_block_bytes(&pool));
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
        {"a freed block is filled with NaN", poison},
        {"sizes of blocks do not overflow", sizes},
    };
    return RUN_TESTS(tests);
}
