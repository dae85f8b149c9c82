// SPDX-License-Identifier: MIT
// The numbers that a cache may hold instead of floats: halves, and whole numbers with a scale.
#include "check.h"
#include "rounded.h"
#include "tensor/half.h"
#include <float.h>

enum { STEP = 9973 }; // of the 2^32 floats in the order of their bits, every 9973rd

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// [KV-65]
static void round_trip(void)
{
    for (uint32_t half = 0; half < 0x10000; half++) {
        const float x = float_of_half(half);
        const uint32_t exponent = half >> 10 & 31, fraction = half & 0x3FF, back = half_of_float(x);
        if (exponent == 31 && fraction) {
            CHECK(isnan(x) && (back & 0x7FFF) > 0x7C00, "%04X, not a number, is %g, and %04X again", half,
                  (double)x, back);
            continue;
        }
        const double size = exponent == 31 ? HUGE_VAL
                            : exponent     ? ldexp(1024 + fraction, (int)exponent - 25)
                                           : ldexp(fraction, -24);
        CHECK((double)fabsf(x) == size && !signbit(x) == !(half >> 15), "%04X is %a, expected %a", half,
              (double)x, half >> 15 ? -size : size);
        CHECK(back == half, "%04X is %a and then %04X", half, (double)x, back);
    }
}

static void check_half(float x, float expected)
{
    const float found = float_of_half(half_of_float(x));
    CHECK(found == expected && !signbit(found) == !signbit(x), "%a becomes %a, expected %a", (double)x,
          (double)found, (double)expected);
}

// [KV-65] What lies in the middle of two neighbours, and the floats beside it; then floats of every exponent.
static void nearest(void)
{
    for (uint32_t half = 0; half < 0x7BFF; half++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const float below = (float)sign * float_of_half(half),
                        above = (float)sign * float_of_half(half + 1);
            const float middle = (below + above) / 2; // exact
            check_half(middle, half % 2 ? above : below);
            check_half(nextafterf(middle, below), below);
            check_half(nextafterf(middle, above), above);
        }
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += STEP) {
        const float x = float_of((uint32_t)bits);
        if (!isnan(x)) check_half(x, nearest_half(x));
    }
}

// [KV-65] Larger numbers become the largest half, not infinity.
static void too_large(void)
{
    const float large[] = {65504, 65519.996f, 65520, 65536, 1e5f, 1e10f, FLT_MAX};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        check_half(large[i], 65504);
        check_half(-large[i], -65504);
    }
    check_half(INFINITY, INFINITY);
    check_half(-INFINITY, -INFINITY);
    for (uint32_t fraction = 1; fraction < 0x800000; fraction += 997)
        CHECK(isnan(float_of_half(half_of_float(float_of(0x7F800000 | fraction)))), "NaN %X becomes %04X",
              fraction, half_of_float(float_of(0x7F800000 | fraction)));
}

// ---- whole numbers with a scale ---------------------------------------------------------------------------

enum { N = 6 };

// What a list holds of a value of N numbers: the mix of this one, with a weight of 1.
static void held(float *out, const float *value)
{
    const float one = 1;
    KVPool pool = kv_pool(KV_INT8, 1, N);
    KV kv = kv_new(&pool);
    kv_append(&kv, value, value, 1);
    kv_mix(out, &one, 1, &kv, 1, 0);
    kv_drop(&kv);
    kv_pool_free(&pool);
}

// Numbers with which the scale is exact: its multiples stay what they are, and halves of it go to even ones.
static void whole(void)
{
    for (int e = -100; e <= 100; e += 5) {
        const float s = ldexpf(1, e);
        for (int i = 0; i < 127; i++) {
            const float n = (float)i, even = (float)(i + i % 2);
            const float x[N] = {n * s, -127 * s, (n + 0.5f) * s, (-n - 0.5f) * s, (n + 0.4375f) * s, -n * s};
            const float expected[N] = {n * s, -127 * s, even * s, -even * s, n * s, -n * s};
            float found[N];
            held(found, x);
            for (int k = 0; k < N; k++)
                CHECK(found[k] == expected[k], "scale 2^%d: %a becomes %a, expected %a", e, (double)x[k],
                      (double)found[k], (double)expected[k]);
        }
    }
}

// One number that is none spoils those that share its scale; zeros and the smallest numbers do not.
static void special(void)
{
    const float none[] = {NAN, -NAN, INFINITY, -INFINITY};
    float x[N] = {0}, found[N];
    for (int i = 0; i < 4 * N; i++) {
        for (int k = 0; k < N; k++) x[k] = k == i % N ? none[i / N] : (float)(k - 3) * 0.5f;
        held(found, x);
        for (int k = 0; k < N; k++)
            CHECK(isnan(found[k]), "beside %g, %g becomes %g", (double)none[i / N], (double)x[k],
                  (double)found[k]);
    }
    const float smallest = 127 * 0x1p-149f; // below which a scale is 0, or has few digits
    for (int e = -149; e <= 127; e++)
        for (int zeros = 0; zeros <= N; zeros++) {
            const float size = ldexpf(1, e);
            for (int k = 0; k < N; k++) x[k] = k < zeros ? 0 : (k % 2 ? -size : size) / (float)(N - k);
            held(found, x);
            for (int k = 0; k < N; k++)
                CHECK((k >= zeros || found[k] == 0) && fabsf(found[k] - x[k]) <= size / 253 + smallest,
                      "beside 2^%d, %a becomes %a", e, (double)x[k], (double)found[k]);
        }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"every half is a float, and comes back", round_trip},
        {"a float becomes the nearest half, and of two the even one", nearest},
        {"what is too large for a half becomes the largest one", too_large},
        {"a number becomes the nearest multiple of its scale, and of two the even one", whole},
        {"a number that is none spoils its scale, and a zero does not", special},
    };
    return RUN_TESTS(tests);
}
