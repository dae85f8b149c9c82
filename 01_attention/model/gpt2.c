// SPDX-License-Identifier: MIT
// gpt2.c -- GPT2LMHeadModel: a decoder-only Transformer (Radford et al. 2019).
//
// Pre-norm LayerNorm and a final norm, biases everywhere, learned positions, lm_head tied to the embeddings.
// Matrices are stored transposed (Conv1D), and query, key and value of a layer in one tensor.
// configure() reads config.json; find_weights() maps tensor names such as h.0.attn.c_attn, which some
// checkpoints begin with "transformer.".
// Source of names and meanings: Hugging Face transformers, configuration_gpt2.py and modeling_gpt2.py.
#include "model/family.h"

static void configure(const Settings *s, Model *m)
{
    Config *c = &m->config;
    c->d_model = setting_int(s, "n_embd", 1, 1 << 16);
    c->vocab = c->source_vocab = setting_int(s, "vocab_size", 1, 1 << 24);
    c->decoder.n_layers = setting_int(s, "n_layer", 1, 1000);
    c->decoder.n_heads = setting_int(s, "n_head", 1, c->d_model);
    c->decoder.head_dim = c->d_model / c->decoder.n_heads;
    c->decoder.d_ff = setting_int_or(s, "n_inner", 4 * c->d_model, 1, 1 << 20);
    if (c->d_model % c->decoder.n_heads)
        fail(s->error, "%s: key \"n_head\": %d heads do not divide n_embd %d", s->file, c->decoder.n_heads,
             c->d_model);
    c->norm = LAYER_NORM;
    c->pre_norm = true;
    c->norm_epsilon = setting_epsilon(s, "layer_norm_epsilon", 1e-5f);
    c->final_norm = true;
    c->max_positions = setting(s, "n_positions") ? setting_int(s, "n_positions", 1, 1 << 24)
                                                 : setting_int(s, "n_ctx", 1, 1 << 24);
    c->activation = setting_activation(s, "activation_function", "gelu_new");
    c->biases = true;
    c->scaled_scores = true;
    c->embedding_scale = c->output_scale = 1;
    setting_expect(s, "scale_attn_weights", true);
    setting_expect(s, "scale_attn_by_inverse_layer_idx", false);
    setting_expect(s, "reorder_and_upcast_attn", false);
    setting_expect(s, "tie_word_embeddings", true);
    setting_expect(s, "add_cross_attention", false);
}

static void find_weights(Loader *l, Model *m)
{
    static const char *const token[] = {"wte.weight", NULL}, *const position[] = {"wpe.weight", NULL};
    const Config *c = l->config;
    const int D = c->d_model, F = c->decoder.d_ff;
    Stack *stack = &m->weights.decoder;
    if (tensor_exists(l, "transformer.wte.weight") || tensor_exists(l, "transformer.wpe.weight"))
        l->prefix = "transformer.";
    stack->embedding = load_table_required(l, c->vocab, D, token);
    stack->positions = load_table_required(l, c->max_positions, D, position);
    for (int i = 0; i < stack->n_layers; i++) {
        Layer *layer = &stack->layers[i];
        load_norm(l, &layer->self_norm, "h.%d.ln_1", i);
        // c_attn: query, key and value side by side in one tensor
        load_conv1d(l, &layer->self.query, D, D, 0, 3, "h.%d.attn.c_attn", i);
        load_conv1d(l, &layer->self.key, D, D, 1, 3, "h.%d.attn.c_attn", i);
        load_conv1d(l, &layer->self.value, D, D, 2, 3, "h.%d.attn.c_attn", i);
        load_conv1d(l, &layer->self.output, D, D, 0, 1, "h.%d.attn.c_proj", i);
        load_norm(l, &layer->ff_norm, "h.%d.ln_2", i);
        load_conv1d(l, &layer->ff_in, D, F, 0, 1, "h.%d.mlp.c_fc", i);
        load_conv1d(l, &layer->ff_out, F, D, 0, 1, "h.%d.mlp.c_proj", i);
    }
    load_norm(l, &stack->final_norm, "ln_f");
    load_lm_head(l, &m->weights.lm_head, stack->embedding, NULL);
}

const Family gpt2 = {"GPT2LMHeadModel", configure, find_weights};
