// SPDX-License-Identifier: MIT
// exp, tanh, erf, sigmoid, log and the activations against libm in double precision: the largest error over floats from
// the whole range, in units of the last place or as an absolute difference.
#include "check.h"
#include "tensor/tensor.h"
#include <float.h>

typedef struct {
    double relative, absolute, at; // largest errors seen; where the relative one was
} Errors;

// f against g on floats from `from` to `to`, a step of one part in 3000 apart, on both sides of 0 if from < 0.
static Errors compare(float (*f)(float), double (*g)(double), double from, double to)
{
    Errors e = {0};
    for (int sign = -1; sign <= 1; sign += 2)
        for (double size = 1e-30; size < 4e38; size *= 1.0003) {
            const float x = (float)(sign * size);
            if ((double)x < from || (double)x > to) continue;
            const double expected = g((double)x), difference = fabs((double)f(x) - expected);
            if (difference > e.absolute) e.absolute = difference;
            if (fabs(expected) > 1e-37 && difference / fabs(expected) > e.relative) {
                e.relative = difference / fabs(expected);
                e.at = (double)x;
            }
        }
    return e;
}

static float f_exp(float x) { return exp_f32(x); }
static float f_log(float x) { return log_f32(x); }
static float f_tanh(float x) { return tanh_f32(x); }
static float f_erf(float x) { return erf_f32(x); }
static float f_sigmoid(float x) { return sigmoid_f32(x); }
static double g_sigmoid(double x) { return 1 / (1 + exp(-x)); }

static void errors_are_small(void)
{
    static const struct {
        const char *name;
        float (*f)(float);
        double (*g)(double), from, to, relative, absolute;
    } functions[] = {
        {"exp", f_exp, exp, -87, 88, 2e-7, 1e38},
        {"log", f_log, log, 1e-37, 3e38, 2e-7, 1e-5},
        {"tanh", f_tanh, tanh, -1e38, 1e38, 4e-7, 2e-7},
        {"erf", f_erf, erf, -1e38, 1e38, 5e-7, 3e-7},
        {"sigmoid", f_sigmoid, g_sigmoid, -80, 1e38, 4e-7, 2e-7},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const Errors e = compare(functions[i].f, functions[i].g, functions[i].from, functions[i].to);
        printf("%s: relative error %.2g at %g, absolute %.2g\n", functions[i].name, e.relative, e.at,
               e.absolute);
        CHECK(e.relative <= functions[i].relative && e.absolute <= functions[i].absolute, "%s",
              functions[i].name);
    }
}

static void ends_of_the_range(void)
{
    const float inf = INFINITY;
    CHECK(exp_f32(-88) == 0 && exp_f32(-inf) == 0 && exp_f32(0) == 1, "exp flushes to 0 and is exact at 0");
    CHECK(exp_f32(89) < inf && exp_f32(inf) < inf, "exp stays finite");
    CHECK(tanh_f32(inf) == 1 && tanh_f32(-inf) == -1 && tanh_f32(0) == 0, "tanh");
    CHECK(erf_f32(10) == erf_f32(inf) && fabsf(erf_f32(inf) - 1) < 1e-6f && erf_f32(0) == 0, "erf");
    CHECK(sigmoid_f32(inf) == 1 && sigmoid_f32(0) == 0.5f && sigmoid_f32(-inf) < 1e-37f, "sigmoid");
    CHECK(log_f32(1) == 0, "log 1");
    CHECK(isnan(exp_f32(NAN)) && isnan(tanh_f32(NAN)) && isnan(erf_f32(NAN)) && isnan(sigmoid_f32(NAN)),
          "NaN stays NaN");
}

static void activations_have_known_values(void)
{
    static const struct {
        Activation activation;
        double x, expected;
    } known[] = {{GELU, 1, 0.8413447},
                 {GELU, -3, -0.0040497},
                 {GELU_NEW, 1, 0.8411920},
                 {GELU_NEW, -3, -0.0036374},
                 {SILU, 1, 0.7310586},
                 {RELU, 2, 2},
                 {RELU, -2, 0},
                 {SILU, 0, 0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        float x[20];
        for (int k = 0; k < 20; k++) x[k] = (float)known[i].x;
        activate(x, 20, known[i].activation);
        for (int k = 0; k < 20; k++)
            CHECK(fabs((double)x[k] - known[i].expected) < 3e-7, "activation %zu is %.8g", i, (double)x[k]);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"errors of the elementary functions are small everywhere", errors_are_small},
        {"elementary functions are right at the ends of their range", ends_of_the_range},
        {"activations have their known values", activations_have_known_values},
    };
    return RUN_TESTS(tests);
}
