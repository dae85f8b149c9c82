// SPDX-License-Identifier: MIT
// The two computed tables of positions: sines, and the buckets of relative positions.
#include "check.h"
#include "model/positions.h"
#include <math.h>

static void sines(void)
{
    Arena arena = {0};
    const float *table = sinusoidal_positions(&arena, 64, 8), *odd = sinusoidal_positions(&arena, 3, 5);
    static const double row1[] = {0.8414710, 0.0998334, 0.0099998, 0.0010000,
                                  0.5403023, 0.9950042, 0.9999500, 0.9999995}; // Hugging Face
    double largest = 0;
    for (int i = 0; i < 8; i++) {
        CHECK(fabs(table[8 + i] - row1[i]) < 1e-7, "column %d: %.7f", i, (double)table[8 + i]);
        CHECK(table[i] == (i < 4 ? 0 : 1), "position 0, column %d: %g", i, (double)table[i]);
    }
    for (int t = 0; t < 64; t++)
        for (int i = 0; i < 4; i++) {
            const double angle = t * exp(-2 * i / 8. * log(10000)), s = fabs(table[8 * t + i] - sin(angle)),
                         c = fabs(table[8 * t + 4 + i] - cos(angle));
            largest = fmax(largest, fmax(s, c));
        }
    CHECK(largest < 1e-7, "%g", largest);
    printf("largest difference %.2g\n", largest);
    const double expected[] = {sin(2), sin(2 / pow(10000, .4)), sin(2 / pow(10000, .8)), cos(2),
                               cos(2 / pow(10000, .4))};
    for (int i = 0; i < 5; i++)
        CHECK(fabs(odd[10 + i] - expected[i]) < 1e-7, "d_model 5, column %d: %g", i, (double)odd[10 + i]);
    arena_free(&arena);
}

// Distances from first[0], first[1], ... on fall into buckets 0, 1, ...
static void check_buckets(const int *first, int n, int last, int sign, int plus, int n_buckets,
                          int max_distance, bool bidirectional)
{
    for (int d = 0, bucket = 0; d <= last; d++) {
        while (bucket + 1 < n && d >= first[bucket + 1]) bucket++;
        const int expected = d ? bucket + plus : 0,
                  found = relative_bucket(sign * d, n_buckets, max_distance, bidirectional);
        CHECK(found == expected, "%d of %d, distance %d: expected bucket %d, found %d", n_buckets,
              max_distance, sign * d, expected, found);
    }
}

static void relative_buckets(void)
{
    static const int causal[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                 16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113};
    static const int both[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91};
    check_buckets(causal, 32, 700, -1, 0, 32, 128, false);
    check_buckets(both, 16, 700, -1, 0, 32, 128, true);
    // keys behind the query: the other half of the buckets
    check_buckets(both, 16, 700, 1, 16, 32, 128, true);
    for (int d = 0; d <= 700; d++)
        CHECK(relative_bucket(d, 32, 128, false) == 0, "causal, key behind the query by %d", d);
    // At the edge of a bucket the original's float32 decides: in double precision, log(2) / log(32) * 5 < 1.
    static const int edges[] = {0, 1, 2, 3, 4, 8, 16, 32, 64};
    check_buckets(edges, 9, 300, -1, 0, 18, 128, true);
    check_buckets(edges, 9, 300, 1, 9, 18, 128, true);
    check_buckets(edges, 9, 300, -1, 0, 9, 128, false);
    // The smallest table: in each direction one bucket for distance 0 and one for all others.
    check_buckets((const int[]){0, 1}, 2, 20, -1, 0, 4, 3, true);
    check_buckets((const int[]){0, 1}, 2, 20, 1, 2, 4, 3, true);
}

static void relative_bias_layout(void)
{
    enum { H = 3, BUCKETS = 12, FAR = 9 };
    Arena arena = {0};
    float table[BUCKETS * H];
    for (int i = 0; i < BUCKETS * H; i++) table[i] = (float)(100 * (i / H) + i % H); // bucket, head
    for (int both = 0; both < 2; both++) {
        const float *bias = relative_bias(&arena, table, H, BUCKETS, FAR, both);
        for (int h = 0; h < H; h++)
            for (int d = -FAR; d <= FAR; d++) {
                const int expected = 100 * relative_bucket(d, BUCKETS, FAR, both) + h;
                CHECK(bias[h * (2 * FAR + 1) + FAR + d] == (float)expected,
                      "head %d, distance %d: expected %d", h, d, expected);
            }
        for (int d = FAR; d < 5 * FAR; d++) // beyond the table every distance is like its last one
            CHECK(relative_bucket(-d, BUCKETS, FAR, both) == relative_bucket(-FAR, BUCKETS, FAR, both) &&
                      relative_bucket(d, BUCKETS, FAR, both) == relative_bucket(FAR, BUCKETS, FAR, both),
                  "distance %d", d);
    }
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"sinusoidal positions are those of Hugging Face", sines},
        {"relative positions fall into the buckets of T5", relative_buckets},
        {"relative bias is stored by head and distance", relative_bias_layout},
    };
    return RUN_TESTS(tests);
}
