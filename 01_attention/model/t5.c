// SPDX-License-Identifier: MIT
// t5.c -- T5 (T5ForConditionalGeneration, Raffel et al. 2020) and UMT5 (UMT5ForConditionalGeneration, Chung
// et al. 2023).
//
// Encoder and decoder, pre-norm RMSNorm and a final norm, no biases, relative position bias, scores not
// scaled, plain or gated feed-forward. H * Dh need not be D. T5 has one table of relative bias per stack,
// UMT5 one per layer.
// configure() reads config.json; find_weights() maps tensors such as decoder.block.0.layer.0.SelfAttention.q.
// Source of names and meanings: Hugging Face transformers, modeling_t5.py and modeling_umt5.py.
#include "model/family.h"
#include <math.h>
#include <string.h>

// "feed_forward_proj" names the activation function and, by its prefix, the gate.
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
        {"gated-gelu", true, GELU_NEW}, // sic: gelu here means gelu_new
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
    c->d_model = setting_int(s, "d_model", 1, 1 << 16);
    c->vocab = c->source_vocab = setting_int(s, "vocab_size", 1, 1 << 24);
    c->has_encoder = true;
    c->encoder.n_layers = setting_int(s, "num_layers", 1, 1000);
    c->encoder.n_heads = setting_int(s, "num_heads", 1, 1 << 12);
    c->encoder.head_dim = setting_int(s, "d_kv", 1, 1 << 12);
    c->encoder.d_ff = setting_int(s, "d_ff", 1, 1 << 20);
    c->decoder = c->encoder;
    c->decoder.n_layers = setting_int_or(s, "num_decoder_layers", c->encoder.n_layers, 1, 1000);
    c->norm = RMS_NORM;
    c->pre_norm = true;
    c->norm_epsilon = setting_epsilon(s, "layer_norm_epsilon", 1e-6f);
    c->final_norm = true;
    c->n_buckets = setting_int_or(s, "relative_attention_num_buckets", 32, 4, 1 << 16);
    c->max_distance =
        setting_int_or(s, "relative_attention_max_distance", 128, c->n_buckets / 2 + 1, 1 << 16);
    feed_forward_kind(s, c);
    c->embedding_scale = 1;
    const bool scaled =
        setting_bool_or(s, "scale_decoder_outputs", setting_bool_or(s, "tie_word_embeddings", true));
    c->output_scale = scaled ? 1 / sqrtf((float)c->d_model) : 1;
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

static void find_weights(Loader *l, Model *m)
{
    static const char *const embedding[] = {"shared.weight", "encoder.embed_tokens.weight",
                                            "decoder.embed_tokens.weight", NULL};
    static const char *const own_head[] = {"lm_head.weight", NULL};
    const Config *c = l->config;
    Weights *w = &m->weights;
    w->encoder.embedding = w->decoder.embedding = load_table_required(l, c->vocab, c->d_model, embedding);
    stack(l, &w->encoder, "encoder", &c->encoder, false);
    stack(l, &w->decoder, "decoder", &c->decoder, true);
    const float *head =
        load_table(l, c->vocab, c->d_model, own_head); // none: tied, whatever config.json says
    load_lm_head(l, &w->lm_head, head ? head : w->decoder.embedding, NULL);
}

const Family t5 = {"T5ForConditionalGeneration", configure, find_weights};
const Family umt5 = {"UMT5ForConditionalGeneration", configure, find_weights};
