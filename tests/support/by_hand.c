// SPDX-License-Identifier: MIT
// by_hand.c -- writes data/by_hand/model.safetensors: a T5 so small that it can be computed on paper.
//
//   build/by_hand data/by_hand/model.safetensors
//
// It copies its source, letter by letter, and remembers only the last one that it has written. What it does,
// and why each matrix is as it is: TUTORIAL.md, chapters 1 and 2. D = 4, two heads of 2, one layer per stack,
// F = 4, V = 4.
//
// A token has a code of two numbers, +1 or -1. A row of 4 numbers is two codes side by side: `letter` says
// which letter the row stands for; `other` becomes the next one in the encoder, and the one before in the
// decoder. All rows consist of +1 and -1, which RMSNorm leaves alone.
#include "made_files.h"
#include "model/error.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *shape;
    int n;
    const float *values; // (n)
} Named;

// clang-format off

// What a token is when it is read: its code, twice.
static const float embedding[] = {
     1, -1,   1, -1, // 0 <s>
    -1, -1,  -1, -1, // 1 </s>
     1,  1,   1,  1, // 2 a
    -1,  1,  -1,  1, // 3 b
};

// How much a row wants a token to be next: twice as much as its letter fits, and once as its other one does.
static const float lm_head[] = {
     0,  0,   0,  0, // <s>: never
    -2, -2,  -1, -1, // </s>
     2,  2,   1,  1, // a
    -2,  2,  -1,  1, // b
};

// Self-attention: head 0 has no query, so only the distance counts (below); head 1 looks for its own letter.
static const float self_q[] = {
    0, 0,  0, 0, // head 0
    0, 0,  0, 0,
    8, 0,  0, 0, // head 1
    0, 8,  0, 0,
};
static const float self_k[] = {
    0, 0,  0, 0,
    0, 0,  0, 0,
    1, 0,  0, 0,
    0, 1,  0, 0,
};
// Cross-attention: both heads look for the letter that was written last.
static const float cross_q[] = {
    8, 0,  0, 0,
    0, 8,  0, 0,
    8, 0,  0, 0,
    0, 8,  0, 0,
};
// Their keys, and what a row tells in self-attention: its letter, to both heads.
static const float letter[] = {
    1, 0,  0, 0,
    0, 1,  0, 0,
    1, 0,  0, 0,
    0, 1,  0, 0,
};
// What it tells in cross-attention: the letter that follows it, to head 0; its own, to head 1.
static const float cross_v[] = {
    0, 0,  1, 0,
    0, 0,  0, 1,
    1, 0,  0, 0,
    0, 1,  0, 0,
};
// What was found is added to a row: head 0 writes, head 1 wipes out what was there. Over the other letter:
static const float self_o[] = {
    0, 0,   0,  0,
    0, 0,   0,  0,
    1, 0,  -1,  0,
    0, 1,   0, -1,
};
// and over the letter itself.
static const float cross_o[] = {
    1, 0,  -1,  0,
    0, 1,   0, -1,
    0, 0,   0,  0,
    0, 0,   0,  0,
};

// Bias per bucket of distances, and head. In the encoder head 0 looks at the next letter, in the decoder at
// the one before.
static const float one_ahead[] = {0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  16, 0,  0, 0,  0, 0};
static const float one_back[]  = {0, 0,  16, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0};

// The encoder's feed-forward has nothing to do. The decoder's turns the sign of the other letter, the one
// before: from here on it is a reason against a token. relu cuts off what is negative, so a number and its
// opposite go through it side by side.
static const float nothing[16];
static const float apart[] = {
    0, 0,   1,  0,
    0, 0,  -1,  0,
    0, 0,   0,  1,
    0, 0,   0, -1,
};
static const float turned[] = {
     0, 0,   0, 0,
     0, 0,   0, 0,
    -2, 2,   0, 0,
     0, 0,  -2, 2,
};
static const float ones[] = {1, 1, 1, 1};

static const Named tensors[] = {
    {"shared.weight", "4, 4", 16, embedding},
    {"lm_head.weight", "4, 4", 16, lm_head},
    {"encoder.block.0.layer.0.SelfAttention.q.weight", "4, 4", 16, self_q},
    {"encoder.block.0.layer.0.SelfAttention.k.weight", "4, 4", 16, self_k},
    {"encoder.block.0.layer.0.SelfAttention.v.weight", "4, 4", 16, letter},
    {"encoder.block.0.layer.0.SelfAttention.o.weight", "4, 4", 16, self_o},
    {"encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", "8, 2", 16, one_ahead},
    {"encoder.block.0.layer.0.layer_norm.weight", "4", 4, ones},
    {"encoder.block.0.layer.1.DenseReluDense.wi.weight", "4, 4", 16, nothing},
    {"encoder.block.0.layer.1.DenseReluDense.wo.weight", "4, 4", 16, nothing},
    {"encoder.block.0.layer.1.layer_norm.weight", "4", 4, ones},
    {"encoder.final_layer_norm.weight", "4", 4, ones},
    {"decoder.block.0.layer.0.SelfAttention.q.weight", "4, 4", 16, self_q},
    {"decoder.block.0.layer.0.SelfAttention.k.weight", "4, 4", 16, self_k},
    {"decoder.block.0.layer.0.SelfAttention.v.weight", "4, 4", 16, letter},
    {"decoder.block.0.layer.0.SelfAttention.o.weight", "4, 4", 16, self_o},
    {"decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", "8, 2", 16, one_back},
    {"decoder.block.0.layer.0.layer_norm.weight", "4", 4, ones},
    {"decoder.block.0.layer.1.EncDecAttention.q.weight", "4, 4", 16, cross_q},
    {"decoder.block.0.layer.1.EncDecAttention.k.weight", "4, 4", 16, letter},
    {"decoder.block.0.layer.1.EncDecAttention.v.weight", "4, 4", 16, cross_v},
    {"decoder.block.0.layer.1.EncDecAttention.o.weight", "4, 4", 16, cross_o},
    {"decoder.block.0.layer.1.layer_norm.weight", "4", 4, ones},
    {"decoder.block.0.layer.2.DenseReluDense.wi.weight", "4, 4", 16, apart},
    {"decoder.block.0.layer.2.DenseReluDense.wo.weight", "4, 4", 16, turned},
    {"decoder.block.0.layer.2.layer_norm.weight", "4", 4, ones},
    {"decoder.final_layer_norm.weight", "4", 4, ones},
};
// clang-format on

static void add_float(Bytes *out, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bytes_add_little_endian(out, bits, sizeof bits);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: by_hand FILE\n");
        return 2;
    }
    Bytes header = {0}, data = {0};
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++) {
        const Named *t = &tensors[i];
        const size_t begin = data.n;
        for (int k = 0; k < t->n; k++) add_float(&data, t->values[k]);
        safetensors_add(&header, t->name, "F32", t->shape, begin, data.n);
    }
    bytes_print(&header, "}");
    while (header.n % 8) bytes_print(&header, " ");
    safetensors_make(argv[1], header.bytes, data.bytes, data.n);
    bytes_free(&header);
    bytes_free(&data);
    return 0;
}
