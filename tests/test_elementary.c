// SPDX-License-Identifier: MIT
// exp, log, tanh, erf, sigmoid and the activations against libm in double precision: the largest error over
// floats from the whole range, and the values at its ends.
#include "check.h"
#include "tensor/tensor.h"
#include <float.h>

enum { STEP = 997 }; // of the 2^32 floats in the order of their bits, every 997th

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

typedef struct {
    const char *name;
    float (*f)(float);
    double (*g)(double);
    double from, to;           // where they are compared
    double relative, absolute; // the largest errors allowed: one of the two bounds must hold
} Function;

static float f_exp(float x) { return exp_f32(x); }
static float f_log(float x) { return log_f32(x); }
static float f_tanh(float x) { return tanh_f32(x); }
static float f_erf(float x) { return erf_f32(x); }
static float f_sigmoid(float x) { return sigmoid_f32(x); }
static float f_silu(float x) { return silu(x); }
static float f_gelu(float x) { return gelu(x); }
static float f_gelu_new(float x) { return gelu_new(x); }
static float f_relu_squared(float x) { return relu_squared(x); }
static float f_relu6(float x) { return relu6(x); }
static float f_leaky_relu(float x) { return leaky_relu(x); }
static float f_hard_swish(float x) { return hard_swish(x); }
static float f_mish(float x) { return mish(x); }
static float f_sqrt_softplus(float x) { return sqrt_softplus(x); }
static float f_gelu_10(float x) { return gelu_10(x); }
static float f_quick_gelu(float x) { return quick_gelu(x); }
static float f_laplace(float x) { return laplace(x); }
static double g_sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double g_silu(double x) { return x / (1 + exp(-x)); }
static double g_gelu(double x) { return x * erfc(-x / sqrt(2)) / 2; }
static double g_gelu_new(double x)
{
    return x / (1 + exp(-2 * 0.79788456080286535588 * (x + 0.044715 * x * x * x)));
}

static double g_relu_squared(double x) { return x > 0 ? x * x : 0; }
static double g_relu6(double x) { return fmin(fmax(x, 0), 6); }
static double g_leaky_relu(double x) { return x > 0 ? x : x / 100; }
static double g_hard_swish(double x) { return x * (g_relu6(x + 3) / 6); }
static double g_softplus(double x) { return x > 50 ? x : log1p(exp(x)); }
static double g_mish(double x) { return x * tanh(g_softplus(x)); }
static double g_sqrt_softplus(double x) { return sqrt(g_softplus(x)); }
static double g_gelu_10(double x) { return fmin(g_gelu(x), 10); }
static double g_quick_gelu(double x) { return x / (1 + exp(-1.702 * x)); }
static double g_laplace(double x) { return erfc(-(x - 0.707107) / (0.282095 * sqrt(2))) / 2; }

static void compare(const Function *t)
{
    double relative = 0, absolute = 0, at = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += STEP) {
        const float x = float_of((uint32_t)bits);
        if (!((double)x >= t->from && (double)x <= t->to) || (x != 0 && fabsf(x) < FLT_MIN)) continue;
        const double expected = t->g((double)x), error = fabs((double)t->f(x) - expected);
        CHECK(error <= t->relative * fabs(expected) || error <= t->absolute, "%s(%.9g) is %.9g, not %.9g",
              t->name, (double)x, (double)t->f(x), expected);
        if (error > absolute) absolute = error;
        if (expected != 0 && error / fabs(expected) > relative)
            relative = error / fabs(expected), at = (double)x;
    }
    printf("%s: relative error %.3g at %.5g, absolute %.2g\n", t->name, relative, at, absolute);
}

static void errors_are_small(void)
{
    static const Function functions[] = {
        {"exp", f_exp, exp, -87, 88, 8.5e-8, 0},
        {"log", f_log, log, FLT_MIN, FLT_MAX, 8.2e-8, 0},
        {"tanh", f_tanh, tanh, -FLT_MAX, FLT_MAX, 1.5e-7, 0},
        {"erf", f_erf, erf, -FLT_MAX, FLT_MAX, 1.1e-7, 0},
        {"sigmoid", f_sigmoid, g_sigmoid, -86, FLT_MAX, 1.5e-7, 0},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) compare(&functions[i]);
}

// Where 1 + erf or 1 + tanh is nearly 0, the result is small and its absolute error is that of the 1.
static void errors_of_activations_are_small(void)
{
    static const Function functions[] = {
        {"silu", f_silu, g_silu, -FLT_MAX, FLT_MAX, 2e-7, 1e-36},
        {"gelu", f_gelu, g_gelu, -FLT_MAX, FLT_MAX, 2e-7, 2e-7},
        {"gelu_new", f_gelu_new, g_gelu_new, -FLT_MAX, FLT_MAX, 2e-7, 2e-7},
        {"relu_squared", f_relu_squared, g_relu_squared, -FLT_MAX, 1e19, 2e-7, 1e-37},
        {"relu6", f_relu6, g_relu6, -FLT_MAX, FLT_MAX, 0, 0},
        {"leaky_relu", f_leaky_relu, g_leaky_relu, -FLT_MAX, FLT_MAX, 1.2e-7, 1e-37},
        {"hard_swish", f_hard_swish, g_hard_swish, -FLT_MAX, FLT_MAX, 2e-7, 4e-7},
        {"mish", f_mish, g_mish, -FLT_MAX, FLT_MAX, 4e-7, 1e-35},
        {"sqrt_softplus", f_sqrt_softplus, g_sqrt_softplus, -86, FLT_MAX, 2e-7, 0},
        {"gelu_10", f_gelu_10, g_gelu_10, -FLT_MAX, FLT_MAX, 2e-7, 2e-7},
        {"quick_gelu", f_quick_gelu, g_quick_gelu, -FLT_MAX, FLT_MAX, 2e-7, 2e-7},
        {"laplace", f_laplace, g_laplace, -FLT_MAX, FLT_MAX, 2e-7, 2e-7},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) compare(&functions[i]);
}

static void ends_of_the_range(void)
{
    const float inf = INFINITY;
    CHECK(exp_f32(0) == 1 && exp_f32(-87) > FLT_MIN && exp_f32(-87.0001f) == 0 && exp_f32(-inf) == 0,
          "exp, small");
    CHECK(exp_f32(88) < inf && exp_f32(88.0001f) == inf && exp_f32(inf) == inf, "exp, large");
    CHECK(log_f32(1) == 0 && log_f32(0) == -inf && log_f32(FLT_MIN / 2) == -inf && log_f32(inf) == inf,
          "log");
    CHECK(isnan(log_f32(-1)) && isnan(log_f32(-inf)) && isnan(log_f32(NAN)), "log of numbers that have none");
    CHECK(tanh_f32(inf) == 1 && tanh_f32(-inf) == -1 && tanh_f32(0) == 0, "tanh");
    CHECK(erf_f32(4) == 1 && erf_f32(inf) == 1 && erf_f32(-inf) == -1 && erf_f32(0) == 0, "erf");
    CHECK(sigmoid_f32(inf) == 1 && sigmoid_f32(0) == 0.5f && sigmoid_f32(-inf) == 0, "sigmoid");
    CHECK(silu(-FLT_MAX) == 0 && gelu(-FLT_MAX) == 0 && gelu_new(-FLT_MAX) == 0,
          "activations of very negative numbers");
    CHECK(silu(1e30f) == 1e30f && gelu(1e30f) == 1e30f && gelu_new(1e30f) == 1e30f, "and of very large ones");
}

static void nan_stays_nan(void)
{
    static float (*const functions[])(float) = {f_exp,     f_log,  f_tanh, f_erf,
                                                f_sigmoid, f_silu, f_gelu, f_gelu_new};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        CHECK(isnan(functions[i](NAN)) && isnan(functions[i](-NAN)), "function %zu", i);
    for (int kind = 0; kind < N_ACTIVATIONS; kind++) {
        float x[20];
        for (int k = 0; k < 20; k++) x[k] = k % 3 ? NAN : 1; // in vectors and behind them
        activate(x, 20, (Activation)kind);
        for (int k = 0; k < 20; k++) CHECK(!isnan(x[k]) == (k % 3 == 0), "activation %d, number %d", kind, k);
    }
}

static void activations_have_known_values(void)
{
    static const struct {
        Activation activation;
        double x, expected;
    } known[] = {
        {GELU, 1, 0.8413447},
        {GELU, -3, -0.0040497},
        {GELU_NEW, 1, 0.8411920},
        {GELU_NEW, -3, -0.0036374},
        {SILU, 1, 0.7310586},
        {SILU, 0, 0},
        {RELU, 2, 2},
        {RELU, -2, 0},
        {RELU_SQUARED, 3, 9},
        {RELU6, 7, 6},
        {LEAKY_RELU, -2, -0.02},
        {HARD_SWISH, 1, 0.6666667},
        {MISH, 1, 0.8650984},
        {MISH, -1, -0.3034015},
        {SQRT_SOFTPLUS, 1, 1.1459763},
        {GELU_10, 11, 10},
        {QUICK_GELU, 1, 0.8457958},
        {LAPLACE, 1, 0.8504296},
        {SIGMOID, 1, 0.7310586},
        {TANH, 1, 0.7615942},
        {LINEAR, -2, -2},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        float x[37]; // two vectors and something left over
        for (int k = 0; k < 37; k++) x[k] = (float)known[i].x;
        activate(x, 37, known[i].activation);
        for (int k = 0; k < 37; k++)
            CHECK(fabs((double)x[k] - known[i].expected) < 2e-7, "number %zu is %.8g", i, (double)x[k]);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"errors of the elementary functions are small everywhere", errors_are_small},
        {"elementary functions are right at the ends of their range", ends_of_the_range},
        {"a NaN stays a NaN", nan_stays_nan},
        {"errors of the activations are small everywhere", errors_of_activations_are_small},
        {"activations have their known values", activations_have_known_values},
    };
    return RUN_TESTS(tests);
}
