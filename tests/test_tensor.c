// SPDX-License-Identifier: MIT
// Rows of activations against double precision.
#include "check.h"
#include "tensor/tensor.h"

static void softmax_sums_to_one(void)
{
    float x[] = {1e4f, 1e4f, -1e4f};
    softmax(x, 1, 3);
    CHECK(x[0] == 0.5f && x[1] == 0.5f && x[2] == 0, "%g %g %g", (double)x[0], (double)x[1], (double)x[2]);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"softmax survives logits of ten thousand", softmax_sums_to_one},
    };
    return RUN_TESTS(tests);
}
