// SPDX-License-Identifier: MIT
// Tests of the checks: all of them but the last must fail (WILL_FAIL in CMakeLists.txt).
#include "golden.h"
#include <math.h>

static void a_false_check(void) { CHECK(1 + 1 == 3, "as it should be"); }

static void another_sign_of_zero(void)
{
    const float a[] = {1, 0}, b[] = {1, -0.0f};
    CHECK_BITS(a, b, 2, "as it should be");
}

// This check is in golden.c: the failures in all files of a program count.
static void number_outside_tolerance(void)
{
    Golden g = {.name = "as it should be"};
    const float expected[] = {-3, 1}, got[] = {-3, 1 + 7e-5f}; // allowed: 3 * 2e-5
    golden_check(&g, "rows", 0, got, expected, 2);
}

static void score_outside_tolerance(void)
{
    Golden g = {.name = "as it should be"};
    golden_check_score(&g, "scores", -1.0, -1.00021); // allowed: 2e-4
}

static void another_token(void)
{
    Golden g = {.name = "as it should be"};
    int expected[] = {1, 2, 3}, got[] = {1, 2};
    golden_check_ids(&g, "tokens", got, 2, &(Ids){expected, 3});
}

static void nan_golden_number(void)
{
    Golden g = {.name = "as it should be"};
    const float expected[] = {1}, got[] = {NAN};
    golden_check(&g, "rows", 0, got, expected, 1);
}

static void nan_equals_itself(void)
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
        {"must fail: a number outside the tolerance of the golden one", number_outside_tolerance},
        {"must fail: a score outside the tolerance of the golden one", score_outside_tolerance},
        {"must fail: tokens that end before the golden ones", another_token},
        {"must fail: NaN instead of a golden number", nan_golden_number},
        {"a NaN equals itself in CHECK_BITS", nan_equals_itself},
    };
    return RUN_TESTS(tests);
}
