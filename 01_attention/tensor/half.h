// SPDX-License-Identifier: MIT
// half.h -- floats of 16 bits (IEEE 754 binary16): sign, 5 bits of exponent, 10 bits of fraction.
//
//   weights may be stored so (model/checkpoint.c), and keys and values (kv.h)
//
// float_of_half() is exact, and a loop over it vectorises. half_of_float() rounds to nearest, ties to even;
// what would become infinity is the largest half, 65504, instead: a key of that size is a key, not an error.
// Infinity and NaN are kept.
#ifndef HALF_H
#define HALF_H
#include <stdint.h>

static inline float float_of_half(uint32_t half) // (its last 16 bits)
{
    const uint32_t size = half & 0x7FFFu, sign = (half & 0x8000u) * 0x10000u;
    union {
        uint32_t bits;
        float value;
    } number = {size << 13};  // fraction in position, exponent too small by 112:
    number.value *= 0x1p112f; // this corrects it, and normalises numbers below 2^-14
    number.bits |= size < 0x7C00u ? sign : sign | 0x7F800000u; // infinity, NaN
    return number.value;
}

static inline uint16_t half_of_float(float value)
{
    union {
        float value;
        uint32_t bits;
    } number = {value};
    const uint32_t sign = number.bits >> 16 & 0x8000u, size = number.bits & 0x7FFFFFFFu;
    uint32_t half;
    if (size > 0x7F800000u) half = 0x7C00u | (size >> 13 & 0x3FFu) | ((size & 0x7FE000u) == 0); // NaN
    else if (size == 0x7F800000u) half = 0x7C00u;
    else if (size >= 0x477FF000u) half = 0x7BFFu; // 65520 and more: 65504
    else if (size < 0x38800000u) {                // below 2^-14
        number.bits = size;
        number.value += 0.5f; // rounds to units of 2^-24, which are then the last bits
        half = number.bits - 0x3F000000u;
    } else half = (size - (112u << 23) + 0xFFFu + (size >> 13 & 1)) >> 13;
    return (uint16_t)(sign | half);
}

#endif
