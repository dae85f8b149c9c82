// SPDX-License-Identifier: MIT
// elementary.h -- exp, tanh, sigmoid, erf and log of a float, and the activation functions built from them.
//
// Why not <math.h>: the bits of libm's expf differ between C libraries, and a function call inside a loop
// prevents vectorisation. The functions here are inline and free of branches, so a loop over them vectorises,
// and they give the same bits on every machine except for MADD (below). NaN in, NaN out.
//
// Maximum relative errors against libm in double precision, over every float (tests/test_elementary.c: over
// one in 997), with and without fused multiply-add; half a unit in the last place is 6e-8:
//   exp 8.5e-8   log 8.2e-8   tanh 1.5e-7   erf 1.1e-7   sigmoid 1.5e-7 (from -86 on)
// Sources: Cephes (S. L. Moshier) for exp, tanh and log; Hendrycks and Gimpel 2016 for GELU.
#ifndef ELEMENTARY_H
#define ELEMENTARY_H
#include <float.h>
#include <math.h>
#include <stdint.h>

// a * b + c, rounded once where the target has fused multiply-add (FMA), else twice. This line decides which,
// not the compiler (-ffp-contract=off). So there are exactly two sets of results: with FMA and without.
#if defined __FMA__ || defined __ARM_FEATURE_FMA
#define MADD(a, b, c) fmaf(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

// e^x. Cody-Waite range reduction x = n ln 2 + r with |r| <= ln(2)/2, then a polynomial for e^r (coefficients
// of Cephes expf), times 2^n. Below -87 the result is 0 (no denormals), above 88 infinity.
static inline float exp_f32(float x)
{
    const float shift = 0x1.8p23f; // adding it rounds to an integer, which is then in the low bits
    float y = x < -87.0f ? -87.0f : x;
    y = y > 88.0f ? 88.0f : y;
    union {
        float f;
        uint32_t bits;
    } n = {MADD(y, 0x1.715476p0f, shift)}, power;
    float whole = n.f - shift;
    float r = MADD(whole, -0.693359375f, y); // ln 2 = high + low; high has few bits: exact
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

// tanh: an odd polynomial near 0 (Cephes tanhf), elsewhere 1 - 2 / (e^2|x| + 1). Both are computed and one is
// selected: a vector instruction instead of a branch.
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

// The error function: an odd polynomial near 0, elsewhere 1 - e^-q with a polynomial q = -log(1 - erf |x|).
// Both are minimax fits made for this file, the second up to |x| = 4, from where on erf rounds to 1.
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

// Natural logarithm: x = 2^e m with m in [sqrt(1/2), sqrt(2)), then a polynomial in m - 1 (Cephes logf).
// Denormals count as 0, whose logarithm is minus infinity; a negative number gives NaN.
static inline float log_f32(float x)
{
    union {
        float f;
        uint32_t bits;
    } m = {x};
    int32_t e = (int32_t)((m.bits - 0x3f3504f3u) >> 23); // 0x3f3504f3: the bits of sqrt(1/2)
    e = e > 128 ? e - 512 : e;                           // the shift has dropped the sign of e
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
    return x <= FLT_MAX ? p : x; // infinity and NaN are passed through
}

// Activation functions. Their names in configurations: model/activation.c.
static inline float relu(float x) { return x < 0.0f ? 0.0f : x; }
static inline float relu_squared(float x) { return relu(x) * relu(x); }
static inline float relu6(float x) { return x > 6.0f ? 6.0f : relu(x); }
static inline float leaky_relu(float x) { return x < 0.0f ? 0.01f * x : x; }
static inline float silu(float x) { return x * sigmoid_f32(x); } // also known as swish
static inline float hard_swish(float x) { return x * (relu6(x + 3.0f) / 6.0f); }
static inline float mish(float x) // x tanh(log(1 + e^x)), which is x n / (n + 2) with n = e^x (e^x + 2)
{
    float e = exp_f32(x > 20.0f ? 20.0f : x), n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}
static inline float sqrt_softplus(float x) // sqrt(log(1 + e^x)), where log(1 + e^x) = max(x, 0) + log(1 + t)
{
    float t = exp_f32(-fabsf(x)), y = 1.0f + t; // rounded: (t - (y - 1)) / y corrects its logarithm
    return sqrtf(relu(x) + (log_f32(y) + (t - (y - 1.0f)) / y));
}
static inline float gelu(float x) { return 0.5f * x * (1.0f + erf_f32(x * 0.70710678f)); }
static inline float gelu_10(float x) { return gelu(x) > 10.0f ? 10.0f : gelu(x); } // it is above -10 anyway
static inline float gelu_new(float x) // tanh approximation; sqrt(2/pi) = 0.79788456
{
    return 0.5f * x * (1.0f + tanh_f32(0.79788456f * MADD(0.044715f * x, x * x, x)));
}
static inline float quick_gelu(float x) { return x * sigmoid_f32(1.702f * x); }
static inline float laplace(float x) // normal distribution: mean sqrt(1/2), deviation sqrt(1/(4 pi))
{
    return 0.5f * (1.0f + erf_f32((x - 0.707107f) * 2.5066264f));
}

#endif
