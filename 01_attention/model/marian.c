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
    StackShape shape = {setting_int(s, layers, 1, 1000), setting_int(s, heads, 1, d_model), 0,
                        setting_int(s, ff, 1, 1 << 20)};
    if (d_model % shape.n_heads)
        fail(s->error, "%s: key \"%s\": %d heads do not divide d_model %d", s->file, heads, shape.n_heads,
             d_model);
    shape.head_dim = d_model / shape.n_heads;
    return shape;
}

static void configure(const Settings *s, Model *m)
{
    Config *c = &m->config;
    c->d_model = setting_int(s, "d_model", 1, 1 << 16);
    c->source_vocab = setting_int(s, "vocab_size", 1, 1 << 24);
    c->vocab = setting_int_or(s, "decoder_vocab_size", c->source_vocab, 1, 1 << 24);
    c->shared_embedding = setting_bool_or(s, "share_encoder_decoder_embeddings", true);
    c->tied_lm_head = setting_bool_or(s, "tie_word_embeddings", true);
    if (c->shared_embedding) c->vocab = c->source_vocab;
    c->has_encoder = true;
    c->encoder = stack_shape(s, c->d_model, "encoder_layers", "encoder_attention_heads", "encoder_ffn_dim");
    c->decoder = stack_shape(s, c->d_model, "decoder_layers", "decoder_attention_heads", "decoder_ffn_dim");
    c->norm = LAYER_NORM;
    c->pre_norm = false;
    c->norm_epsilon = 1e-5f;
    c->max_positions = setting_int(s, "max_position_embeddings", 1, 1 << 20);
    c->activation = setting_activation(s, "activation_function", NULL);
    c->biases = true;
    c->scaled_scores = true;
    c->embedding_scale = setting_bool(s, "scale_embedding") ? sqrtf((float)c->d_model) : 1;
    c->output_scale = 1;
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

// Some checkpoints store the table of positions; for the others it is computed.
static const float *positions(Loader *l, const char *name)
{
    const Config *c = l->config;
    const float *stored = load_table(l, c->max_positions, c->d_model, (const char *const[]){name, NULL});
    return stored ? stored : sinusoidal_positions(l->memory, c->max_positions, c->d_model);
}

// Of tied tensors a checkpoint holds one copy, under any of their names.
static void find_weights(Loader *l, Model *m)
{
    const Config *c = l->config;
    const char *const head = "lm_head.weight", *const tied = c->tied_lm_head ? head : NULL;
    const char *const of_encoder = "model.encoder.embed_tokens.weight";
    const char *const of_decoder = "model.decoder.embed_tokens.weight";
    const char *const common[] = {"model.shared.weight", of_decoder, of_encoder, tied, NULL};
    const char *const source[] = {of_encoder, NULL}, *const target[] = {of_decoder, tied, NULL};
    // With an untied lm_head, transformers 5 stores and uses two tables, even if the key says "shared".
    const bool one_table =
        c->shared_embedding && !(tensor_exists(l, of_encoder) && tensor_exists(l, of_decoder));
    Weights *w = &m->weights;
    w->encoder.embedding = load_table_required(l, c->source_vocab, c->d_model, one_table ? common : source);
    w->decoder.embedding = w->encoder.embedding;
    if (!one_table) w->decoder.embedding = load_table_required(l, c->vocab, c->d_model, target);
    w->encoder.positions = positions(l, "model.encoder.embed_positions.weight");
    w->decoder.positions = positions(l, "model.decoder.embed_positions.weight");
    stack(l, &w->encoder, "model.encoder", &c->encoder, false);
    stack(l, &w->decoder, "model.decoder", &c->decoder, true);
    const float *table = w->decoder.embedding;
    if (!c->tied_lm_head)
        table = load_table_required(l, c->vocab, c->d_model, (const char *const[]){head, NULL});
    load_lm_head(l, &w->lm_head, table,
                 load_table(l, 1, c->vocab, (const char *const[]){"final_logits_bias", NULL}));
}

const Family marian = {"MarianMTModel", configure, find_weights};
