# SPDX-License-Identifier: MIT
# BF16 is read as F16, which has as many bits but others of them for the exponent.
set(FILE 01_attention/model/checkpoint.c)
set(OLD [==[
            if (bf16) bits <<= 16; // the upper half of a float
            union {
                uint32_t bits;
                float value;
            } number = {bits};
            out[i++] = f32 || bf16 ? number.value : half_to_float((uint16_t)bits);
]==])
set(NEW [==[
            union {
                uint32_t bits;
                float value;
            } number = {bits};
            out[i++] = f32 ? number.value : half_to_float((uint16_t)bits);
]==])
set(FAILS "every BF16 number is read exactly, wherever it stands")
