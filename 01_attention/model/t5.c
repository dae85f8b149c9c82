// SPDX-License-Identifier: MIT
// t5.c -- T5 (T5ForConditionalGeneration, Raffel et al. 2020), mT5 (MT5ForConditionalGeneration, Xue et al.
// 2021) and UMT5 (UMT5ForConditionalGeneration, Chung et al. 2023).
//
// Encoder and decoder, pre-norm RMSNorm and a final norm, no biases, relative position bias, scores not
// scaled, plain or gated feed-forward. H * Dh need not be D. T5 and mT5 have one table of relative bias per
// stack, UMT5 one per layer. mT5 does not scale the output.
// configure() reads config.json; find_weights() maps tensors such as decoder.block.0.layer.0.SelfAttention.q.
// Source of names and meanings: Hugging Face transformers, modeling_t5.py and modeling_umt5.py.
#include "model/family.h"
#include <math.h>

// What a configuration says that says nothing.
typedef struct {
    int vocab, d_ff, n_layers, n_heads;
    const char *feed_forward;
} Defaults;

// One key says all; the other two are derived from it, but count where they are present.
static void feed_forward_kind(const Settings *s, Config *c, const char *absent)
{
    c->activation = setting_activation(s, "feed_forward_proj", absent, &c->gated);
    c->gated = setting_bool_or(s, "is_gated_act", c->gated);
    if (setting(s, "dense_act_fn")) c->activation = setting_activation(s, "dense_act_fn", "", NULL);
}

static void configure(const Settings *s, Model *m, const Defaults *absent)
{
    Config *c = &m->config;
    c->d_model = setting_int_or(s, "hidden_size|d_model", 512, 1, 1 << 16);
    c->vocab = c->source_vocab = setting_int_or(s, "vocab_size", absent->vocab, 1, 1 << 24);
    c->has_encoder = true;
    c->encoder.n_layers = setting_int_or(s, "num_hidden_layers|num_layers", absent->n_layers, 1, 1000);
    c->encoder.n_heads = setting_int_or(s, "num_attention_heads|num_heads", absent->n_heads, 1, 1 << 12);
    c->encoder.head_dim = setting_int_or(s, "head_dim|d_kv", 64, 1, 1 << 12);
    c->encoder.d_ff = setting_int_or(s, "d_ff", absent->d_ff, 1, 1 << 20);
    c->decoder = c->encoder;
    c->decoder.n_layers = setting_int_or(s, "num_decoder_layers|num_layers", absent->n_layers, 1, 1000);
    c->norm = RMS_NORM;
    c->pre_norm = true;
    c->norm_epsilon = setting_epsilon(s, "layer_norm_epsilon", 1e-6f);
    c->final_norm = true;
    c->n_buckets = setting_int_or(s, "relative_attention_num_buckets", 32, 4, 1 << 16);
    c->max_distance =
        setting_int_or(s, "relative_attention_max_distance", 128, c->n_buckets / 2 + 1, 1 << 16);
    feed_forward_kind(s, c, absent->feed_forward);
    c->embedding_scale = c->output_scale = 1;
    setting_expect(s, "is_encoder_decoder", true);
}

// Whether the lm_head was trained with scaled hidden states. In files without the first key the second tells,
// as it was false in those of T5 1.1, though all tables are tied where there is only one.
static void scale_output(const Settings *s, Config *c)
{
    const bool scaled =
        setting_bool_or(s, "scale_decoder_outputs", setting_bool_or(s, "tie_word_embeddings", true));
    if (scaled) c->output_scale = 1 / sqrtf((float)c->d_model);
}

static void configure_t5(const Settings *s, Model *m)
{
    configure(s, m, &(Defaults){.vocab = 32128, .d_ff = 2048, .n_layers = 6, .n_heads = 8, "relu"});
    scale_output(s, &m->config);
}

static void configure_mt5(const Settings *s, Model *m)
{
    configure(s, m, &(Defaults){.vocab = 250112, .d_ff = 1024, .n_layers = 8, .n_heads = 6, "gated-gelu"});
}

static void configure_umt5(const Settings *s, Model *m)
{
    configure_mt5(s, m);
    scale_output(s, &m->config);
}

// Tables of relative bias: one per layer, or one in layer 0 for all layers of the stack. Cross-attention has
// none (some checkpoints contain an unused tensor of that name).
static void relative_positions(Loader *l, Attention *a, const char *stack, int i)
{
    const char *const name = "%s.block.%d.layer.0.SelfAttention.relative_attention_bias.weight";
    load_relative_bias(l, a, name, stack, tensor_exists(l, name, stack, i) ? i : 0);
}

static void attention(Loader *l, Attention *a, const char *stack, int i, int sublayer, const char *kind)
{
    const int D = l->config->d_model, kv_width = a->n_heads * a->head_dim;
    load_linear(l, &a->query, D, kv_width, "%s.block.%d.layer.%d.%s.q", stack, i, sublayer, kind);
    load_linear(l, &a->key, D, kv_width, "%s.block.%d.layer.%d.%s.k", stack, i, sublayer, kind);
    load_linear(l, &a->value, D, kv_width, "%s.block.%d.layer.%d.%s.v", stack, i, sublayer, kind);
    load_linear(l, &a->output, kv_width, D, "%s.block.%d.layer.%d.%s.o", stack, i, sublayer, kind);
}

// In tensor names a layer is called block and a sublayer layer: 0 self-attention, in the decoder 1
// cross-attention, last the feed-forward.
static void stack(Loader *l, Stack *out, const char *name, const StackShape *shape, bool cross)
{
    const int D = l->config->d_model, F = shape->d_ff, ff = cross ? 2 : 1;
    for (int i = 0; i < out->n_layers; i++) {
        Layer *layer = &out->layers[i];
        attention(l, &layer->self, name, i, 0, "SelfAttention");
        relative_positions(l, &layer->self, name, i);
        load_norm(l, &layer->self_norm, "%s.block.%d.layer.0.layer_norm", name, i);
        if (cross) attention(l, &layer->cross, name, i, 1, "EncDecAttention");
        if (cross) load_norm(l, &layer->cross_norm, "%s.block.%d.layer.1.layer_norm", name, i);
        const char *const in = l->config->gated ? "wi_0" : "wi";
        load_linear(l, &layer->ff_in, D, F, "%s.block.%d.layer.%d.DenseReluDense.%s", name, i, ff, in);
        if (l->config->gated)
            load_linear(l, &layer->ff_gate, D, F, "%s.block.%d.layer.%d.DenseReluDense.wi_1", name, i, ff);
        load_linear(l, &layer->ff_out, F, D, "%s.block.%d.layer.%d.DenseReluDense.wo", name, i, ff);
        load_norm(l, &layer->ff_norm, "%s.block.%d.layer.%d.layer_norm", name, i, ff);
    }
    load_norm(l, &out->final_norm, "%s.final_layer_norm", name);
}

// All tables are tied, whatever config.json says; but a checkpoint may hold several.
static void find_weights(Loader *l, Model *m)
{
    const char *const encoder = "encoder.embed_tokens.weight", *const decoder = "decoder.embed_tokens.weight";
    const char *const head = "lm_head.weight";
    const char *const tied[] = {"shared.weight", encoder, decoder, head, NULL};
    const Config *c = l->config;
    Weights *w = &m->weights;
    w->encoder.embedding = load_table(l, c->vocab, encoder, tied);
    w->decoder.embedding = load_table(l, c->vocab, decoder, tied);
    w->lm_head.weight = load_table(l, c->vocab, head, tied);
    stack(l, &w->encoder, "encoder", &c->encoder, false);
    stack(l, &w->decoder, "decoder", &c->decoder, true);
}

const Family t5 = {
    {"T5ForConditionalGeneration", "T5WithLMHeadModel"}, "t5", "transformer.", configure_t5, find_weights};
const Family mt5 = {{"MT5ForConditionalGeneration"}, "mt5", "transformer.", configure_mt5, find_weights};
const Family umt5 = {{"UMT5ForConditionalGeneration"}, "umt5", "transformer.", configure_umt5, find_weights};
