// SPDX-License-Identifier: MIT
// t5.c -- T5 and UMT5 (T5ForConditionalGeneration, UMT5ForConditionalGeneration): RMSNorm before each sublayer, no
// biases, relative positions (Raffel et al. 2020; Chung et al. 2023).
// Source of names and meanings: Hugging Face transformers, modeling_t5.py and modeling_umt5.py.
#include "model/family.h"
#include <math.h>
#include <string.h>

static void feed_forward_kind(const Settings *s, Config *c)
{
    static const struct {
        const char *name;
        bool gated;
        Activation activation;
    } kinds[] = {
        {"relu", false, RELU},
        {"gelu", false, GELU},
        {"gelu_new", false, GELU_NEW},
        {"silu", false, SILU},
        {"gated-relu", true, RELU},
        {"gated-gelu", true, GELU_NEW}, // sic
        {"gated-gelu_new", true, GELU_NEW},
        {"gated-silu", true, SILU},
    };
    const char *name = setting_text_or(s, "feed_forward_proj", "relu");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(name, kinds[i].name)) {
            c->gated = kinds[i].gated;
            c->activation = kinds[i].activation;
            return;
        }
    fail(s->error,
         "%s: key \"feed_forward_proj\": expected relu, gated-gelu, gated-silu or alike, found \"%s\"",
         s->file, name);
}

static void configure(const Settings *s, Model *m)
{
    Config *c = &m->config;
    c->width = setting_int(s, "d_model", 1, 1 << 16);
    c->vocab = c->source_vocab = setting_int(s, "vocab_size", 1, 1 << 24);
    c->has_encoder = true;
    c->encoder.n_layers = setting_int(s, "num_layers", 1, 1000);
    c->encoder.n_heads = setting_int(s, "num_heads", 1, 1 << 12);
    c->encoder.head_width = setting_int(s, "d_kv", 1, 1 << 12);
    c->encoder.ff_width = setting_int(s, "d_ff", 1, 1 << 20);
    c->decoder = c->encoder;
    c->decoder.n_layers = setting_int_or(s, "num_decoder_layers", c->encoder.n_layers, 1, 1000);
    c->norm = RMS_NORM;
    c->norm_place = NORM_BEFORE_SUBLAYER;
    c->norm_epsilon = setting_epsilon(s, "layer_norm_epsilon", 1e-6f);
    c->final_norm = true;
    c->positions = POSITIONS_RELATIVE;
    c->n_buckets = setting_int_or(s, "relative_attention_num_buckets", 32, 4, 1 << 16);
    c->max_distance =
        setting_int_or(s, "relative_attention_max_distance", 128, c->n_buckets / 2 + 1, 1 << 16);
    feed_forward_kind(s, c);
    c->embedding_scale = 1;
    const bool scaled =
        setting_bool_or(s, "scale_decoder_outputs", setting_bool_or(s, "tie_word_embeddings", true));
    c->output_scale = scaled ? 1 / sqrtf((float)c->width) : 1;
    m->ids = (TokenIds){.start = 0, .bos = -1, .pad = 0, .n_eos = 1, .eos = {1}};
}

// Tables of relative bias: one per layer, or one in layer 0 that all layers of the stack share. Cross-attention
// has none (some files hold a dead tensor of that name).
static void relative_positions(Loader *l, Attention *a, const char *stack, int i)
{
    const char *const name = "%s.block.%d.layer.0.SelfAttention.relative_attention_bias.weight";
    slot_relative_bias(l, a, name, stack, slot_exists(l, name, stack, i) ? i : 0);
}

static void attention(Loader *l, Attention *a, const char *stack, int i, int part, const char *kind)
{
    const int D = l->config->width, inner = a->n_heads * a->head_width;
    slot_linear(l, &a->query, D, inner, "%s.block.%d.layer.%d.%s.q", stack, i, part, kind);
    slot_linear(l, &a->key, D, inner, "%s.block.%d.layer.%d.%s.k", stack, i, part, kind);
    slot_linear(l, &a->value, D, inner, "%s.block.%d.layer.%d.%s.v", stack, i, part, kind);
    slot_linear(l, &a->output, inner, D, "%s.block.%d.layer.%d.%s.o", stack, i, part, kind);
}

// A block's parts are numbered: 0 self-attention, (in the decoder) 1 cross-attention, then feed-forward.
static void stack(Loader *l, Stack *out, const char *name, const StackShape *shape, bool cross)
{
    const int D = l->config->width, F = shape->ff_width, ff = cross ? 2 : 1;
    for (int i = 0; i < out->n_layers; i++) {
        Layer *layer = &out->layers[i];
        attention(l, &layer->self, name, i, 0, "SelfAttention");
        relative_positions(l, &layer->self, name, i);
        slot_norm(l, &layer->self_norm, "%s.block.%d.layer.0.layer_norm", name, i);
        if (cross) attention(l, &layer->cross, name, i, 1, "EncDecAttention");
        if (cross) slot_norm(l, &layer->cross_norm, "%s.block.%d.layer.1.layer_norm", name, i);
        const char *const in = l->config->gated ? "wi_0" : "wi";
        slot_linear(l, &layer->ff_in, D, F, "%s.block.%d.layer.%d.DenseReluDense.%s", name, i, ff, in);
        if (l->config->gated)
            slot_linear(l, &layer->ff_gate, D, F, "%s.block.%d.layer.%d.DenseReluDense.wi_1", name, i, ff);
        slot_linear(l, &layer->ff_out, F, D, "%s.block.%d.layer.%d.DenseReluDense.wo", name, i, ff);
        slot_norm(l, &layer->ff_norm, "%s.block.%d.layer.%d.layer_norm", name, i, ff);
    }
    slot_norm(l, &out->final_norm, "%s.final_layer_norm", name);
}

static void find_weights(Loader *l, Model *m)
{
    static const char *const embedding[] = {"shared.weight", "encoder.embed_tokens.weight",
                                            "decoder.embed_tokens.weight", NULL};
    static const char *const own_head[] = {"lm_head.weight", NULL};
    const Config *c = l->config;
    Weights *w = &m->weights;
    w->encoder.embedding = w->decoder.embedding = slot_table_required(l, c->vocab, c->width, embedding);
    stack(l, &w->encoder, "encoder", &c->encoder, false);
    stack(l, &w->decoder, "decoder", &c->decoder, true);
    const float *head = slot_table(l, c->vocab, c->width, own_head); // none: tied, whatever a key says
    slot_head(l, &w->head, head ? head : w->decoder.embedding, NULL);
}

const Family t5 = {"T5ForConditionalGeneration", configure, find_weights};
const Family umt5 = {"UMT5ForConditionalGeneration", configure, find_weights};
