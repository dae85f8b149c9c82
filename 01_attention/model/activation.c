// SPDX-License-Identifier: MIT
// activation.c -- the names of activation functions in configurations (transformers, activations.py).
#include "model/family.h"
#include <string.h>

// Several names of one formula differ only in how they are computed there.
static const struct {
    const char *name;
    Activation activation;
} names[] = {
    {"relu", RELU},
    {"relu2", RELU_SQUARED},
    {"relu6", RELU6},
    {"leaky_relu", LEAKY_RELU},
    {"silu", SILU},
    {"swish", SILU},
    {"hardswish", HARD_SWISH},
    {"mish", MISH},
    {"sqrtsoftplus", SQRT_SOFTPLUS},
    {"gelu", GELU},
    {"gelu_python", GELU},
    {"gelu_10", GELU_10},
    {"gelu_new", GELU_NEW},
    {"gelu_fast", GELU_NEW},
    {"gelu_accurate", GELU_NEW},
    {"gelu_pytorch_tanh", GELU_NEW},
    {"gelu_python_tanh", GELU_NEW},
    {"quick_gelu", QUICK_GELU},
    {"laplace", LAPLACE},
    {"sigmoid", SIGMOID},
    {"tanh", TANH},
    {"linear", LINEAR},
};
enum { N_NAMES = sizeof names / sizeof *names };

Activation setting_activation(const Settings *s, const char *key, const char *absent, bool *gated)
{
    char known[400] = "";
    const char *name = setting_text_or(s, key, absent);
    if (gated) *gated = !strncmp(name, "gated-", 6);
    if (gated && *gated) name = strcmp(name, "gated-gelu") ? name + 6 : "gelu_new"; // sic
    for (int i = 0; i < N_NAMES; i++) {
        if (!strcmp(name, names[i].name)) return names[i].activation;
        const size_t n = strlen(known);
        snprintf(known + n, sizeof known - n, "%s%s",
                 !n                ? ""
                 : i < N_NAMES - 1 ? ", "
                                   : " or ",
                 names[i].name);
    }
    setting_wrong(s, key, known);
    return RELU;
}
