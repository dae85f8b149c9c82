// SPDX-License-Identifier: MIT
// gpt2.c -- GPT2LMHeadModel: a decoder without encoder, LayerNorm before each sublayer, learned positions (Radford
// et al. 2019). Source of names and meanings: Hugging Face transformers, modeling_gpt2.py.
#include "model/family.h"

static void configure(const Settings *s, Model *m)
{
    Config *c = &m->config;
    c->width = setting_int(s, "n_embd", 1, 1 << 16);
    c->vocab = c->source_vocab = setting_int(s, "vocab_size", 1, 1 << 24);
    c->decoder.n_layers = setting_int(s, "n_layer", 1, 1000);
    c->decoder.n_heads = setting_int(s, "n_head", 1, c->width);
    c->decoder.head_width = c->width / c->decoder.n_heads;
    c->decoder.ff_width = setting_int_or(s, "n_inner", 4 * c->width, 1, 1 << 20);
    if (c->width % c->decoder.n_heads)
        fail(s->error, "%s: key \"n_head\": %d heads do not divide n_embd %d", s->file, c->decoder.n_heads,
             c->width);
    c->norm = LAYER_NORM;
    c->norm_place = NORM_BEFORE_SUBLAYER;
    c->norm_epsilon = setting_epsilon(s, "layer_norm_epsilon", 1e-5f);
    c->final_norm = true;
    c->positions = POSITIONS_LEARNED;
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
    enum { END_OF_TEXT = 50256 }; // where nothing is said
    if (c->vocab > END_OF_TEXT) m->ids = (TokenIds){-1, END_OF_TEXT, -1, 1, {END_OF_TEXT}};
}

static void find_weights(Loader *l, Model *m)
{
    static const char *const token[] = {"wte.weight", NULL}, *const position[] = {"wpe.weight", NULL};
    const Config *c = l->config;
    const int D = c->width, F = c->decoder.ff_width;
    Stack *stack = &m->weights.decoder;
    if (slot_exists(l, "transformer.wte.weight") || slot_exists(l, "transformer.wpe.weight"))
        l->prefix = "transformer.";
    stack->embedding = slot_table_required(l, c->vocab, D, token);
    stack->positions = slot_table_required(l, c->max_positions, D, position);
    for (int i = 0; i < stack->n_layers; i++) {
        Layer *layer = &stack->layers[i];
        slot_norm(l, &layer->self_norm, "h.%d.ln_1", i);
        slot_conv1d(l, &layer->self.query, D, D, 0, 3, "h.%d.attn.c_attn",
                    i); // query | key | value in one tensor
        slot_conv1d(l, &layer->self.key, D, D, 1, 3, "h.%d.attn.c_attn", i);
        slot_conv1d(l, &layer->self.value, D, D, 2, 3, "h.%d.attn.c_attn", i);
        slot_conv1d(l, &layer->self.output, D, D, 0, 1, "h.%d.attn.c_proj", i);
        slot_norm(l, &layer->ff_norm, "h.%d.ln_2", i);
        slot_conv1d(l, &layer->ff_in, D, F, 0, 1, "h.%d.mlp.c_fc", i);
        slot_conv1d(l, &layer->ff_out, F, D, 0, 1, "h.%d.mlp.c_proj", i);
    }
    slot_norm(l, &stack->final_norm, "ln_f");
    slot_head(l, &m->weights.head, stack->embedding, NULL);
}

const Family gpt2 = {"GPT2LMHeadModel", configure, find_weights};
