// SPDX-License-Identifier: MIT
// elementary.h -- exp, tanh, sigmoid, erf and log of a float, and the activation functions built from them.
//
// Why not <math.h>: the bits of libm's expf differ between C libraries, and a call in the middle of a loop
// keeps the compiler from using vector instructions. These are short, have no branches (a loop over them
// vectorises), and give the same bits everywhere except for MADD (below). A NaN stays a NaN.
//
// Largest relative errors against libm in double precision, over every float (tests/test_elementary.c: over one in
// 997), with and without fused multiply-add; half a unit in the last place is 6e-8:
//   exp 8.5e-8   log 8.2e-8   tanh 1.5e-7   erf 1.1e-7   sigmoid 1.5e-7 (from -86 on)
#ifndef ELEMENTARY_H
#define ELEMENTARY_H
#include <float.h>
#include <math.h>
#include <stdint.h>

// a * b + c: rounded once where the target has fused multiply-add, else rounded twice. Which of the two is
// decided here and never by the compiler (-ffp-contract=off), so there are exactly two sets of results.
#if defined __FMA__ || defined __ARM_FEATURE_FMA
#define MADD(a, b, c) fmaf(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

// e^x. Cody and Waite's reduction x = n ln 2 + r, |r| <= ln(2)/2, then a polynomial for e^r (coefficients:
// Cephes expf, S. L. Moshier). Below -87 the result is 0 (no denormals), above 88 infinity.
static inline float exp_f32(float x)
{
    const float shift = 0x1.8p23f; // adding it moves the integer nearest to a small number into the low bits
    float y = x < -87.0f ? -87.0f : x;
    y = y > 88.0f ? 88.0f : y;
    union {
        float f;
        uint32_t bits;
    } n = {MADD(y, 0x1.715476p0f, shift)}, power;
    float whole = n.f - shift;
    float r = MADD(whole, -0.693359375f, y); // ln 2 in two parts; the first has few bits, so no rounding here
    r = MADD(whole, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = MADD(p, r, 1.3981999507e-3f);
    p = MADD(p, r, 8.3334519073e-3f);
    p = MADD(p, r, 4.1665795894e-2f);
    p = MADD(p, r, 1.6666665459e-1f);
    p = MADD(p, r, 5.0000001201e-1f);
    p = MADD(p, r * r, r) + 1.0f;
    power.bits = (n.bits + 127) << 23; // the float 2^n: exponent field n + 127
    p = x < -87.0f ? 0.0f : p * power.f;
    return x > 88.0f ? INFINITY : p;
}

// 1 / (1 + e^-x)
static inline float sigmoid_f32(float x) { return 1.0f / (1.0f + exp_f32(-x)); }

// tanh: an odd polynomial near 0 (Cephes tanhf), 1 - 2 / (e^2|x| + 1) elsewhere.
static inline float tanh_f32(float x)
{
    float a = fabsf(x), z = x * x;
    float p = -5.70498872745e-3f;
    p = MADD(p, z, 2.06390887954e-2f);
    p = MADD(p, z, -5.37397155531e-2f);
    p = MADD(p, z, 1.33314422036e-1f);
    p = MADD(p, z, -3.33332819422e-1f);
    float near_zero = MADD(p * z, x, x);
    float far = copysignf(1.0f - 2.0f / (exp_f32(2.0f * a) + 1.0f), x);
    return a < 0.625f ? near_zero : far;
}

// The error function: an odd polynomial near 0, 1 - e^-q elsewhere with a polynomial q = -log(1 - erf |x|) (both
// fitted for this file to the least largest error, the second up to |x| = 4, where erf is 1 to float precision).
static inline float erf_f32(float x)
{
    float a = fabsf(x), z = x * x;
    float p = -6.33261432e-4f;
    p = MADD(p, z, 5.05427101e-3f);
    p = MADD(p, z, -2.68045705e-2f);
    p = MADD(p, z, 1.12827701e-1f);
    p = MADD(p, z, -3.76125767e-1f);
    p = MADD(p, z, 1.28379161e-1f);
    float near_zero = MADD(p, x, x);
    float t = a > 4.0f ? 4.0f : a;
    float q = -2.02526550e-4f;
    q = MADD(q, t, 3.10717109e-3f);
    q = MADD(q, t, -2.24789423e-2f);
    q = MADD(q, t, 1.04447963e-1f);
    q = MADD(q, t, 6.36601741e-1f);
    q = MADD(q, t, 1.12801540e+0f);
    q = MADD(q, t, 1.14714187e-4f);
    float far = copysignf(1.0f - exp_f32(-q), x);
    return a < 0.85f ? near_zero : far;
}

// Natural logarithm: x = 2^e m, m in [sqrt(1/2), sqrt(2)), then a polynomial in m - 1 (Cephes logf). What is smaller
// than a normal float counts as 0: minus infinity. Of a negative number NaN.
static inline float log_f32(float x)
{
    union {
        float f;
        uint32_t bits;
    } m = {x};
    int32_t e = (int32_t)((m.bits - 0x3f3504f3u) >> 23); // 0x3f3504f3: the bits of sqrt(1/2)
    e = e > 128 ? e - 512 : e;                           // the shift lost the sign of negative exponents
    m.bits -= (uint32_t)e << 23;
    float r = m.f - 1.0f, z = r * r, k = (float)e;
    float p = 7.0376836292e-2f;
    p = MADD(p, r, -1.1514610310e-1f);
    p = MADD(p, r, 1.1676998740e-1f);
    p = MADD(p, r, -1.2420140846e-1f);
    p = MADD(p, r, 1.4249322787e-1f);
    p = MADD(p, r, -1.6668057665e-1f);
    p = MADD(p, r, 2.0000714765e-1f);
    p = MADD(p, r, -2.4999993993e-1f);
    p = MADD(p, r, 3.3333331174e-1f);
    p = MADD(k, -2.12194440e-4f, p * r * z);
    p = MADD(k, 0.693359375f, MADD(-0.5f, z, p) + r);
    p = x < FLT_MIN ? -INFINITY : p;
    p = x < 0.0f ? NAN : p;
    return x <= FLT_MAX ? p : x; // infinity and NaN stay what they are
}

// Activation functions, by their Hugging Face names.
static inline float relu(float x) { return x < 0.0f ? 0.0f : x; }
static inline float silu(float x) { return x * sigmoid_f32(x); } // also called swish
static inline float gelu(float x) { return 0.5f * x * (1.0f + erf_f32(x * 0.70710678f)); }
static inline float gelu_new(float x) // the tanh form: sqrt(2/pi) = 0.79788456
{
    return 0.5f * x * (1.0f + tanh_f32(0.79788456f * MADD(0.044715f * x, x * x, x)));
}

#endif
