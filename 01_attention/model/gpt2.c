// SPDX-License-Identifier: MIT
// gpt2.c -- GPT2LMHeadModel: a decoder-only Transformer (Radford et al. 2019).
//
// Pre-norm LayerNorm and a final norm, biases everywhere, learned positions, an lm_head that is usually tied
// to the embeddings. Matrices are stored transposed (Conv1D); query, key and value of a layer are one tensor.
// configure() reads config.json; find_weights() maps tensor names such as h.0.attn.c_attn.
// Source of names and meanings: Hugging Face transformers, configuration_gpt2.py and modeling_gpt2.py.
#include "model/family.h"

static void configure(const Settings *s, Model *m)
{
    Config *c = &m->config;
    c->d_model = setting_int_or(s, "hidden_size|n_embd", 768, 1, 1 << 16);
    c->vocab = c->source_vocab = setting_int_or(s, "vocab_size", 50257, 1, 1 << 24);
    c->decoder.n_layers = setting_int_or(s, "num_hidden_layers|n_layer", 12, 1, 1000);
    c->decoder.n_heads = setting_heads(s, "num_attention_heads|n_head", 12, c->d_model);
    c->decoder.head_dim = c->d_model / c->decoder.n_heads;
    c->decoder.d_ff = setting_int_or(s, "n_inner", 4 * c->d_model, 1, 1 << 20);
    c->norm = LAYER_NORM;
    c->pre_norm = true;
    c->norm_epsilon = setting_epsilon(s, "layer_norm_epsilon", 1e-5f);
    c->final_norm = true;
    c->max_positions = setting_int_or(s, "max_position_embeddings|n_positions", 1024, 1, 1 << 24);
    c->activation = setting_activation(s, "activation_function", "gelu_new", NULL);
    c->biases = true;
    c->scaled_scores = setting_bool_or(s, "scale_attn_weights", true);
    c->layer_scaled_scores = setting_bool_or(s, "scale_attn_by_inverse_layer_idx", false);
    c->tied_lm_head = setting_bool_or(s, "tie_word_embeddings", true);
    c->embedding_scale = c->output_scale = 1;
    setting_expect(s, "is_encoder_decoder", false);
}

static void find_weights(Loader *l, Model *m)
{
    const Config *c = l->config;
    const int D = c->d_model, F = c->decoder.d_ff;
    const char *const embedding = "wte.weight", *const head = "lm_head.weight";
    const char *const both[] = {embedding, head, NULL}, *const none[] = {NULL};
    const char *const *tied = c->tied_lm_head ? both : none;
    Stack *stack = &m->weights.decoder;
    stack->embedding = load_table(l, c->vocab, embedding, tied);
    stack->positions = load_floats(l, c->max_positions, D, "wpe.weight");
    for (int i = 0; i < stack->n_layers; i++) {
        Layer *layer = &stack->layers[i];
        load_norm(l, &layer->self_norm, "h.%d.ln_1", i);
        Linear *const projections[] = {&layer->self.query, &layer->self.key, &layer->self.value};
        load_conv1d(l, projections, 3, D, D, "h.%d.attn.c_attn", i);
        load_conv1d(l, (Linear *[]){&layer->self.output}, 1, D, D, "h.%d.attn.c_proj", i);
        load_norm(l, &layer->ff_norm, "h.%d.ln_2", i);
        load_conv1d(l, (Linear *[]){&layer->ff_in}, 1, D, F, "h.%d.mlp.c_fc", i);
        load_conv1d(l, (Linear *[]){&layer->ff_out}, 1, F, D, "h.%d.mlp.c_proj", i);
    }
    load_norm(l, &stack->final_norm, "ln_f");
    m->weights.lm_head.weight = load_table(l, c->vocab, head, tied);
}

const Family gpt2 = {{"GPT2LMHeadModel"}, "gpt2", "transformer.", configure, find_weights};
