// SPDX-License-Identifier: MIT
// The checks check: each of these tests but the last must fail (WILL_FAIL in CMakeLists.txt).
#include "golden.h"
#include <math.h>

static void a_false_check(void) { CHECK(1 + 1 == 3, "as it should be"); }

static void another_sign_of_zero(void)
{
    const float a[] = {1, 0}, b[] = {1, -0.0f};
    CHECK_BITS(a, b, 2, "as it should be");
}

// The check is in golden.c: failures of all files of a program count.
static void beside_a_golden_number(void)
{
    Golden g = {.name = "as it should be"};
    const float expected[] = {-3, 1}, got[] = {-3, 1 + 7e-5f}; // allowed: 3 * 2e-5
    golden_check(&g, "rows", got, expected, 2);
}

static void beside_a_golden_score(void)
{
    Golden g = {.name = "as it should be"};
    golden_check_score(&g, "scores", -1.0, -1.00021); // allowed: 2e-4
}

static void another_token(void)
{
    Golden g = {.name = "as it should be"};
    int expected[] = {1, 2, 3}, got[] = {1, 2};
    golden_check_ids(&g, "tokens", got, 2, &(Ids){expected, 3, 0});
}

static void nan_golden_number(void)
{
    Golden g = {.name = "as it should be"};
    const float expected[] = {1}, got[] = {NAN};
    golden_check(&g, "rows", got, expected, 1);
}

static void nan_has_its_own_bits(void)
{
    const float a[] = {NAN, -0.0f}, b[] = {a[0], -0.0f};
    CHECK_BITS(a, b, 2, "NaN");
    CHECK(1 + 1 == 2, "2");
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"must fail: a false CHECK", a_false_check},
        {"must fail: zeros of different signs in CHECK_BITS", another_sign_of_zero},
        {"must fail: a number beside the golden one", beside_a_golden_number},
        {"must fail: a score beside the golden one", beside_a_golden_score},
        {"must fail: tokens that end before the golden ones", another_token},
        {"must fail: NaN instead of a golden number", nan_golden_number},
        {"a NaN has its own bits", nan_has_its_own_bits},
    };
    return RUN_TESTS(tests);
}
