// SPDX-License-Identifier: MIT
// marian.c -- MarianMTModel (Opus-MT): the Transformer of "Attention Is All You Need" (Vaswani et al. 2017).
//
// Encoder and decoder, post-norm LayerNorm, biases everywhere, sinusoidal positions, scaled scores, an
// lm_head that is usually tied to the embeddings. setting_expect() refuses unsupported variants.
// configure() reads config.json; find_weights() maps tensors such as model.decoder.layers.0.self_attn.q_proj.
// Source of names and meanings: Hugging Face transformers, configuration_marian.py and modeling_marian.py.
#include "model/family.h"
#include "model/positions.h"
#include <math.h>

// The shape of one stack, from the keys with these names. Heads divide D: H * Dh = D.
static StackShape stack_shape(const Settings *s, int d_model, const char *layers, const char *heads,
                              const char *ff)
{
    StackShape shape = {setting_int_or(s, layers, 12, 1, 1000), setting_heads(s, heads, 16, d_model), 0,
                        setting_int_or(s, ff, 4096, 1, 1 << 20)};
    shape.head_dim = d_model / shape.n_heads;
    return shape;
}

static void configure(const Settings *s, Model *m)
{
    Config *c = &m->config;
    c->d_model = setting_int_or(s, "hidden_size|d_model", 1024, 1, 1 << 16);
    c->source_vocab = setting_int_or(s, "vocab_size", 58101, 1, 1 << 24);
    c->vocab = setting_int_or(s, "decoder_vocab_size", 0, 0, 1 << 24); // 0: that of the encoder
    c->shared_embedding = setting_bool_or(s, "share_encoder_decoder_embeddings", true);
    c->tied_lm_head = setting_bool_or(s, "tie_word_embeddings", true);
    if (c->shared_embedding || !c->vocab) c->vocab = c->source_vocab;
    c->has_encoder = true;
    c->encoder = stack_shape(s, c->d_model, "num_hidden_layers|encoder_layers",
                             "num_attention_heads|encoder_attention_heads", "encoder_ffn_dim");
    c->decoder = stack_shape(s, c->d_model, "decoder_layers", "decoder_attention_heads", "decoder_ffn_dim");
    c->norm = LAYER_NORM;
    c->pre_norm = false;
    c->norm_epsilon = 1e-5f;
    c->max_positions = setting_int_or(s, "max_position_embeddings", 1024, 1, 1 << 20);
    c->activation = setting_activation(s, "activation_function", "gelu", NULL);
    c->biases = true;
    c->scaled_scores = true;
    c->embedding_scale = setting_bool_or(s, "scale_embedding", false) ? sqrtf((float)c->d_model) : 1;
    c->output_scale = 1;
    setting_expect(s, "is_encoder_decoder", true);
    setting_expect(s, "normalize_before", false); // variants that are not supported
    setting_expect(s, "normalize_embedding", false);
    setting_expect(s, "add_final_layer_norm", false);
    setting_expect(s, "add_bias_logits", false);
    setting_expect(s, "static_position_embeddings", true);
}

static void attention(Loader *l, Attention *a, const char *stack, int i, const char *kind)
{
    const int D = l->config->d_model;
    load_linear(l, &a->query, D, D, "%s.layers.%d.%s.q_proj", stack, i, kind);
    load_linear(l, &a->key, D, D, "%s.layers.%d.%s.k_proj", stack, i, kind);
    load_linear(l, &a->value, D, D, "%s.layers.%d.%s.v_proj", stack, i, kind);
    load_linear(l, &a->output, D, D, "%s.layers.%d.%s.out_proj", stack, i, kind);
}

static void stack(Loader *l, Stack *out, const char *name, const StackShape *shape, bool cross)
{
    const int D = l->config->d_model, F = shape->d_ff;
    for (int i = 0; i < out->n_layers; i++) {
        Layer *layer = &out->layers[i];
        attention(l, &layer->self, name, i, "self_attn");
        load_norm(l, &layer->self_norm, "%s.layers.%d.self_attn_layer_norm", name, i);
        if (cross) attention(l, &layer->cross, name, i, "encoder_attn");
        if (cross) load_norm(l, &layer->cross_norm, "%s.layers.%d.encoder_attn_layer_norm", name, i);
        load_linear(l, &layer->ff_in, D, F, "%s.layers.%d.fc1", name, i);
        load_linear(l, &layer->ff_out, F, D, "%s.layers.%d.fc2", name, i);
        load_norm(l, &layer->ff_norm, "%s.layers.%d.final_layer_norm", name, i);
    }
}

// Some checkpoints store the tables of positions; for the others one is computed.
static void positions(Loader *l, Weights *w)
{
    const int P = l->config->max_positions, D = l->config->d_model;
    const char *const of_encoder = "model.encoder.embed_positions.weight";
    const char *const of_decoder = "model.decoder.embed_positions.weight";
    const bool stored = tensor_exists(l, of_encoder), both = stored && tensor_exists(l, of_decoder);
    const float *computed = both ? NULL : sinusoidal_positions(l->memory, P, D);
    w->encoder.positions = stored ? load_floats(l, P, D, of_encoder) : computed;
    w->decoder.positions = tensor_exists(l, of_decoder) ? load_floats(l, P, D, of_decoder) : computed;
}

static void embeddings_and_head(Loader *l, Weights *w)
{
    const Config *c = l->config;
    const char *const shared = "model.shared.weight", *const head = "lm_head.weight";
    const char *const source = "model.encoder.embed_tokens.weight";
    const char *const target = "model.decoder.embed_tokens.weight";
    const char *const all[] = {shared, head, target, source, NULL}, *const none[] = {NULL};
    const char *const embeddings[] = {shared, target, source, NULL}, *const outputs[] = {target, head, NULL};
    const char *const *of_encoder = none, *const *of_decoder = none, *const *of_head = none;
    if (c->shared_embedding) of_encoder = of_decoder = c->tied_lm_head ? all : embeddings;
    else if (c->tied_lm_head) of_decoder = outputs;
    if (c->tied_lm_head) of_head = of_decoder;
    w->encoder.embedding = load_table(l, c->source_vocab, source, of_encoder);
    w->decoder.embedding = load_table(l, c->vocab, target, of_decoder);
    w->lm_head.weight = load_table(l, c->vocab, head, of_head);
    if (tensor_exists(l, "final_logits_bias"))
        w->lm_head.bias = load_floats(l, 1, c->vocab, "final_logits_bias");
}

static void find_weights(Loader *l, Model *m)
{
    const Config *c = l->config;
    Weights *w = &m->weights;
    embeddings_and_head(l, w);
    positions(l, w);
    stack(l, &w->encoder, "model.encoder", &c->encoder, false);
    stack(l, &w->decoder, "model.decoder", &c->decoder, true);
}

const Family marian = {{"MarianMTModel"}, "marian", "model.", configure, find_weights};
