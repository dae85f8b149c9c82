// SPDX-License-Identifier: MIT
// Model directories: what their configuration and files mean; and what is missing or wrong is named.
#include "check.h"
#include "loads.h"
#include "made_files.h"
#include "model/family.h"
#include <math.h>

// ---- configuration ----------------------------------------------------------------------------------------

static void every_choice(void)
{
    int n;
    const RandomModel *models = random_models(&n);
    for (int i = 0; i < n; i++) {
        const RandomModel *is = &models[i];
        Model m;
        random_model_load(&m, is);
        const Config *c = &m.config;
        const bool marian = !strncmp(is->architecture, "Marian", 6),
                   gpt2 = !strncmp(is->architecture, "GPT2", 4);
        printf("%s: D %d, %d and %d layers, %d and %d heads of %d and %d, F %d and %d, V %d\n", is->name,
               c->d_model, c->encoder.n_layers, c->decoder.n_layers, c->encoder.n_heads, c->decoder.n_heads,
               c->encoder.head_dim, c->decoder.head_dim, c->encoder.d_ff, c->decoder.d_ff, c->vocab);
        CHECK(c->has_encoder == !gpt2 && m.weights.decoder.n_layers == c->decoder.n_layers, "%s", is->name);
        CHECK(is->d_model == 0 || c->d_model == is->d_model, "%s: d_model %d", is->name, c->d_model);
        CHECK(is->vocab == 0 || c->vocab == is->vocab, "%s: vocabulary %d", is->name, c->vocab);
        CHECK((c->norm == RMS_NORM) == (!marian && !gpt2) && c->pre_norm == !marian, "%s: norms", is->name);
        CHECK(c->final_norm == !marian && (m.weights.decoder.final_norm.weight != NULL) == !marian,
              "%s: final norm", is->name);
        CHECK(c->biases == (marian || gpt2) && c->scaled_scores == c->biases, "%s: biases, scores", is->name);
        CHECK(c->max_positions == (marian || gpt2 ? 16 : 0), "%s: %d positions", is->name, c->max_positions);
        CHECK(fabsf(c->embedding_scale - (is->scale_embedding ? sqrtf((float)c->d_model) : 1)) < 1e-6f,
              "%s: embedding scale", is->name);
        const bool scaled = !marian && !gpt2 && !is->untied_lm_head;
        CHECK(fabsf(c->output_scale - (scaled ? 1 / sqrtf((float)c->d_model) : 1)) < 1e-6f,
              "%s: output scale", is->name);
        model_free(&m);
    }
}

// The fields of Config that keys of config.json decide, as numbers.
static double norm_epsilon(const Model *m) { return m->config.norm_epsilon; }
static double activation(const Model *m) { return m->config.activation + 100 * m->config.gated; }
static double output_scale(const Model *m) { return m->config.output_scale; }
static double positions(const Model *m) { return m->config.max_positions; }
static double decoder_layers(const Model *m) { return m->config.decoder.n_layers; }
static double d_ff(const Model *m) { return m->config.decoder.d_ff; }
static double buckets(const Model *m) { return 1000 * m->config.n_buckets + m->config.max_distance; }
static double encoder_heads(const Model *m) { return m->config.encoder.n_heads; }
static double embedding_scale(const Model *m) { return m->config.embedding_scale; }
static double scale_of_scores(const Model *m) { return m->weights.decoder.layers[2].self.scale; }
static double nothing(const Model *m) { return 0 * m->config.d_model; }

static void keys_and_defaults(void)
{
    static const struct {
        int kind;
        const char *old, *new;
        double (*read)(const Model *m);
        double expected;
    } cases[] = {
        {MARIAN, "\"relu\"", "\"relu\"", activation, RELU},
        {MARIAN, "\"relu\"", "\"swish\"", activation, SILU},
        {MARIAN, "\"relu\"", "\"silu\"", activation, SILU},
        {MARIAN, "\"relu\"", "\"gelu\"", activation, GELU},
        {MARIAN, "\"relu\"", "\"gelu_new\"", activation, GELU_NEW},
        {MARIAN, "\"relu\"", "\"gelu_pytorch_tanh\"", activation, GELU_NEW},
        {MARIAN, "\"activation_function\"", "\"x\"", activation, GELU},
        {MARIAN, "\"relu\"", "\"relu2\"", activation, RELU_SQUARED},
        {MARIAN, "\"relu\"", "\"relu6\"", activation, RELU6},
        {MARIAN, "\"relu\"", "\"leaky_relu\"", activation, LEAKY_RELU},
        {MARIAN, "\"relu\"", "\"hardswish\"", activation, HARD_SWISH},
        {MARIAN, "\"relu\"", "\"mish\"", activation, MISH},
        {MARIAN, "\"relu\"", "\"sqrtsoftplus\"", activation, SQRT_SOFTPLUS},
        {MARIAN, "\"relu\"", "\"gelu_python\"", activation, GELU},
        {MARIAN, "\"relu\"", "\"gelu_10\"", activation, GELU_10},
        {MARIAN, "\"relu\"", "\"gelu_fast\"", activation, GELU_NEW},
        {MARIAN, "\"relu\"", "\"gelu_accurate\"", activation, GELU_NEW},
        {MARIAN, "\"relu\"", "\"gelu_python_tanh\"", activation, GELU_NEW},
        {MARIAN, "\"relu\"", "\"quick_gelu\"", activation, QUICK_GELU},
        {MARIAN, "\"relu\"", "\"laplace\"", activation, LAPLACE},
        {MARIAN, "\"relu\"", "\"sigmoid\"", activation, SIGMOID},
        {MARIAN, "\"relu\"", "\"tanh\"", activation, TANH},
        {MARIAN, "\"relu\"", "\"linear\"", activation, LINEAR},
        {MARIAN, "\"relu\"", "\"relu\", \"foo\": Infinity, \"bar\": [NaN, -Infinity]", nothing, 0},
        {MARIAN, "\"d_model\": 20", "\"d_model\": [0], \"d_model\": 20", nothing, 0}, // the last counts
        {MARIAN, "\"d_model\"", "\"hidden_size\"", nothing, 0},
        {MARIAN, "\"encoder_layers\"", "\"num_hidden_layers\"", nothing, 0},
        {MARIAN, "\"encoder_attention_heads\": 4",
         "\"encoder_attention_heads\": 5, \"num_attention_heads\": 2", encoder_heads,
         2}, // the general name counts
        {MARIAN, "\"scale_embedding\"", "\"x\"", embedding_scale, 1},
        {MARIAN, "\"max_position_embeddings\"", "\"x\"", positions, 1024},
        {MARIAN, "\"architectures\": [\"MarianMTModel\"]", "\"model_type\": \"marian\"", nothing, 0},
        {MARIAN, "\"MarianMTModel\"]", "\"MarianModel\"], \"model_type\": \"marian\"", nothing, 0},
        {MARIAN, "\"relu\"", "\"relu\"", norm_epsilon, 1e-5},
        {MARIAN, "\"relu\"", "\"relu\", \"normalize_before\": false, \"normalize_embedding\": null", nothing,
         0},
        {MARIAN, "\"share_encoder_decoder_embeddings\"", "\"x\"", nothing, 0},
        {MARIAN, "\"tie_word_embeddings\"", "\"x\"", nothing, 0},
        {MARIAN, "\"decoder_vocab_size\"", "\"x\"", nothing, 0},
        {MARIAN, "\"decoder_vocab_size\": 13", "\"decoder_vocab_size\": 0", nothing, 0},
        {T5, "\"relu\"", "\"relu\"", activation, RELU},
        {T5, "\"feed_forward_proj\"", "\"x\"", activation, RELU},
        {T5, "\"relu\"", "\"gelu\"", activation, GELU},
        {T5, "\"relu\"", "\"tanh\"", activation, TANH},
        {T5, "\"relu\"", "\"relu\", \"dense_act_fn\": \"mish\"", activation, MISH},
        {T5, "\"relu\"", "\"gated-relu\", \"is_gated_act\": false", activation, RELU},
        {T5, "\"T5ForConditionalGeneration\"", "\"T5WithLMHeadModel\"", output_scale, 0.22360679774997896},
        {MT5, "\"feed_forward_proj\"", "\"x\"", activation, 100 + GELU_NEW},
        {MT5, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": true", output_scale, 1},
        {MT5, "\"tie_word_embeddings\": true", "\"scale_decoder_outputs\": true", output_scale, 1},
        {MT5, "\"MT5ForConditionalGeneration\"]", "\"MT5Model\"], \"model_type\": \"mt5\"", output_scale, 1},
        {UMT5, "\"gated-silu\"", "\"gated-silu\"", activation, 100 + SILU},
        {UMT5, "\"gated-silu\"", "\"gated-gelu\"", activation, 100 + GELU_NEW},
        {UMT5, "\"gated-silu\"", "\"gated-gelu_python\"", activation, 100 + GELU},
        {UMT5, "\"gated-silu\"", "\"gated-relu\"", activation, 100 + RELU},
        {UMT5, "\"feed_forward_proj\"", "\"x\"", activation, 100 + GELU_NEW},
        {UMT5, "\"d_kv\"", "\"head_dim\"", nothing, 0},
        {T5, "\"relu\"", "\"relu\"", norm_epsilon, 1e-6},
        {T5, "\"relu\"", "\"relu\", \"layer_norm_epsilon\": 1e-3", norm_epsilon, 1e-3},
        {T5, "\"relu\"", "\"relu\"", output_scale, 0.22360679774997896}, // 20^-0.5
        {T5, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", output_scale, 1},
        {T5, "\"tie_word_embeddings\": true", "\"x\": 0", output_scale, 0.22360679774997896},
        {UMT5, "\"tie_word_embeddings\": true",
         "\"tie_word_embeddings\": false, \"scale_decoder_outputs\": true", output_scale,
         0.22360679774997896},
        {UMT5, "\"tie_word_embeddings\": true",
         "\"tie_word_embeddings\": true, \"scale_decoder_outputs\": false", output_scale, 1},
        {T5, "\"num_decoder_layers\": 3", "\"num_decoder_layers\": 3", decoder_layers, 3},
        {T5, "\"num_decoder_layers\": 3", "\"x\": 3", decoder_layers, 2}, // as many as in the encoder
        {T5, "\"num_decoder_layers\": 3", "\"num_decoder_layers\": null", decoder_layers, 2},
        {T5, "\"relu\"", "\"relu\"", buckets, 8020},
        {GPT2, "\"activation_function\"", "\"x\"", activation, GELU_NEW},
        {GPT2, "\"gelu_new\"", "\"gelu\"", activation, GELU},
        {GPT2, "\"gelu_new\"", "\"gelu_new\"", norm_epsilon, 1e-5},
        {GPT2, "\"n_inner\": null", "\"n_inner\": null", d_ff, 80},
        {GPT2, "\"n_inner\": null", "\"n_inner\": 80", d_ff, 80},
        {GPT2, "\"n_positions\"", "\"max_position_embeddings\"", positions, 16},
        {GPT2, "\"n_layer\"", "\"num_hidden_layers\"", decoder_layers, 3},
        {GPT2, "\"gelu_new\"", "\"gelu_new\"", scale_of_scores, 0.31622776601683794}, // 10^-0.5
        {GPT2, "\"gelu_new\"", "\"gelu_new\", \"scale_attn_weights\": false", scale_of_scores, 1},
        {GPT2, "\"gelu_new\"", "\"gelu_new\", \"scale_attn_by_inverse_layer_idx\": true", scale_of_scores,
         0.31622776601683794 / 3},
        {GPT2, "\"gelu_new\"",
         "\"gelu_new\", \"scale_attn_by_inverse_layer_idx\": true, \"scale_attn_weights\": false",
         scale_of_scores, 1. / 3},
        {GPT2, "\"gelu_new\"",
         "\"gelu_new\", \"reorder_and_upcast_attn\": true, \"add_cross_attention\": true", scale_of_scores,
         0.31622776601683794},
        {GPT2, "\"GPT2LMHeadModel\"]", "\"GPT2DoubleHeadsModel\"], \"model_type\": \"gpt2\"", nothing, 0},
        {GPT2, "\"n_positions\": 16", "\"n_positions\": 16, \"n_ctx\": 99", positions, 16},
        {GPT2, "\"gelu_new\"", "\"gelu_new\", \"scale_attn_weights\": true, \"add_cross_attention\": false",
         nothing, 0},
    };
    const int n = sizeof cases / sizeof *cases;
    static const char directory[] = TEST_DIR "/model-keys", path[] = TEST_DIR "/model-keys/config.json";
    for (int i = 0, kind = -1; i < n; i++) {
        if (cases[i].kind != kind)
            random_model(directory, &(RandomModel){.architecture = architecture(kind = cases[i].kind)});
        Bytes before = file_replace(path, cases[i].old, cases[i].new);
        Model m;
        Error error = {0};
        const bool loaded = model_load(&m, directory, PANEL_WIDTH, &error);
        CHECK(loaded, "%s: %s", cases[i].new, error.message);
        if (loaded) {
            const double found = cases[i].read(&m);
            CHECK(fabs(found - cases[i].expected) <= 1e-7 * fabs(found), "%s: expected %g, found %g",
                  cases[i].new, cases[i].expected, found);
            model_free(&m);
        }
        file_restore(path, &before);
    }
    printf("%d keys\n", n);
}

// A configuration in which nothing is said has the sizes of transformers' class.
static void defaults_of_classes(void)
{
    static const struct {
        const Family *family;
        int d_model, vocab, n_layers, n_heads, head_dim, d_ff, max_positions;
        Activation activation;
        bool gated;
    } cases[] = {
        {&marian, 1024, 58101, 12, 16, 64, 4096, 1024, GELU, false},
        {&t5, 512, 32128, 6, 8, 64, 2048, 0, RELU, false},
        {&mt5, 512, 250112, 8, 6, 64, 1024, 0, GELU_NEW, true},
        {&umt5, 512, 250112, 8, 6, 64, 1024, 0, GELU_NEW, true},
        {&gpt2, 768, 50257, 12, 12, 64, 3072, 1024, GELU_NEW, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error error = {0};
        Model m = {0};
        cases[i].family->configure(&(Settings){NULL, "config.json", &error}, &m);
        const Config *c = &m.config;
        const StackShape *stack = &c->decoder;
        CHECK(!error.set && c->d_model == cases[i].d_model && c->vocab == cases[i].vocab &&
                  c->source_vocab == c->vocab && stack->n_layers == cases[i].n_layers &&
                  stack->n_heads == cases[i].n_heads && stack->head_dim == cases[i].head_dim &&
                  stack->d_ff == cases[i].d_ff && c->max_positions == cases[i].max_positions &&
                  c->activation == cases[i].activation && c->gated == cases[i].gated,
              "%s: %s", cases[i].family->model_type, error.message);
        CHECK(!c->has_encoder || !memcmp(&c->encoder, stack, sizeof *stack), "%s: encoder",
              cases[i].family->model_type);
    }
}

static void keys_refused(void)
{
    static const struct {
        int kind;
        const char *old, *new, *message;
    } cases[] = {
        {MARIAN, "\"architectures\"", "\"x\"",
         "key \"architectures\": expected MarianMTModel, T5ForConditionalGeneration, "
         "MT5ForConditionalGeneration, UMT5ForConditionalGeneration or GPT2LMHeadModel, found nothing; key "
         "\"model_type\": expected marian, t5, mt5, umt5 or gpt2, found nothing"},
        {MARIAN, "\"MarianMTModel\"]", "\"BertModel\"], \"model_type\": \"bert\"",
         "GPT2LMHeadModel, found \"BertModel\"; key \"model_type\": expected marian, t5, mt5, umt5 or gpt2, "
         "found \"bert\""},
        {MARIAN, "\"MarianMTModel\"", "\"BertModel\", \"MarianMTModel\"", "found \"BertModel\""},
        {MARIAN, "[\"MarianMTModel\"]", "[]", "found an array"},
        {MARIAN, "[\"MarianMTModel\"]", "\"MarianMTModel\"", "found \"MarianMTModel\""},
        // a size that is left out is that of the class, and the first tensor of another size is named
        {MARIAN, "\"d_model\"", "\"x\"",
         "tensor model.shared.weight: expected shape [13, 1024], found [13, 20]"},
        {MARIAN, "\"d_model\": 20", "\"d_model\": null", "expected shape [13, 1024], found [13, 20]"},
        {MARIAN, "\"d_model\": 20", "\"d_model\": 20, \"hidden_size\": 21",
         "key \"encoder_attention_heads\": expected a divisor of the model's dimension 21, found 4"},
        {MARIAN, "\"d_model\": 20", "\"hidden_size\": 0",
         ":9: key \"hidden_size\": expected a whole number from 1 to 65536, found 0"},
        {MARIAN, "\"d_model\": 20", "\"d_model\": 0",
         ":9: key \"d_model\": expected a whole number from 1 to 65536, found 0"},
        {MARIAN, "\"d_model\": 20", "\"d_model\": -20",
         "key \"d_model\": expected a whole number from 1 to 65536, found -20"},
        {MARIAN, "\"d_model\": 20", "\"d_model\": 20.0", "found 20.0"},
        {MARIAN, "\"d_model\": 20", "\"d_model\": \"20\"", "found \"20\""},
        {MARIAN, "\"d_model\": 20", "\"d_model\": 1000000", "found 1000000"},
        {MARIAN, "\"encoder_layers\"", "\"x\"",
         "tensor model.encoder.layers.2.self_attn.q_proj.weight: expected shape [20, 20], found no such "
         "tensor"},
        {MARIAN, "\"encoder_attention_heads\"", "\"x\"",
         "key \"encoder_attention_heads\": expected a divisor of the model's dimension 20, but it is "
         "missing"},
        {MARIAN, "\"encoder_attention_heads\": 4", "\"encoder_attention_heads\": 3",
         "key \"encoder_attention_heads\": expected a divisor of the model's dimension 20, found 3"},
        {MARIAN, "\"decoder_attention_heads\": 2", "\"decoder_attention_heads\": 0",
         "key \"decoder_attention_heads\": expected a whole number from 1 to 20, found 0"},
        {MARIAN, "\"encoder_ffn_dim\"", "\"x\"", "fc1.weight: expected shape [4096, 20], found [27, 20]"},
        {MARIAN, "\"decoder_ffn_dim\"", "\"x\"", "fc1.weight: expected shape [4096, 20], found [33, 20]"},
        {MARIAN, "\"decoder_layers\"", "\"x\"",
         "tensor model.decoder.layers.3.self_attn.q_proj.weight: expected shape"},
        {MARIAN, "\"vocab_size\"", "\"x\"", "expected shape [58101, 20], found [13, 20]"},
        {MARIAN, "\"relu\"", "\"relu\", \"is_encoder_decoder\": false",
         "key \"is_encoder_decoder\": expected true (nothing else is supported), found false"},
        {MARIAN, "\"scale_embedding\": false", "\"scale_embedding\": 1",
         "key \"scale_embedding\": expected true or false, found 1"},
        {MARIAN, "\"relu\"", "\"prelu\"",
         "key \"activation_function\": expected relu, relu2, relu6, leaky_relu, silu, swish, "},
        {MARIAN, "\"relu\"", "\"xielu\"", "tanh or linear, found \"xielu\""},
        {MARIAN, "\"relu\"", "\"relu\", \"normalize_before\": true",
         "key \"normalize_before\": expected false (nothing else is supported), found true"},
        {MARIAN, "\"relu\"", "\"relu\", \"normalize_embedding\": true", "key \"normalize_embedding\""},
        {MARIAN, "\"relu\"", "\"relu\", \"add_final_layer_norm\": true", "key \"add_final_layer_norm\""},
        {MARIAN, "\"relu\"", "\"relu\", \"add_bias_logits\": true", "key \"add_bias_logits\""},
        {MARIAN, "\"static_position_embeddings\": true", "\"static_position_embeddings\": false",
         "key \"static_position_embeddings\": expected true"},
        {MARIAN, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": \"yes\"",
         "key \"tie_word_embeddings\""},
        {MARIAN, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false",
         "tensor lm_head.weight: expected shape [13, 20], found no such tensor"},
        {T5, "\"d_model\"", "\"x\"", "tensor shared.weight: expected shape [13, 512], found [13, 20]"},
        {T5, "\"d_kv\"", "\"x\"", "SelfAttention.q.weight: expected shape [192, 20], found [21, 20]"},
        {T5, "\"d_ff\"", "\"x\"", "DenseReluDense.wi.weight: expected shape [2048, 20], found [27, 20]"},
        {T5, "\"num_layers\"", "\"x\"",
         "tensor encoder.block.2.layer.0.SelfAttention.q.weight: expected shape"},
        {T5, "\"num_heads\"", "\"x\"", "SelfAttention.q.weight: expected shape [56, 20], found [21, 20]"},
        {T5, "\"vocab_size\"", "\"x\"", "tensor shared.weight: expected shape [32128, 20], found [13, 20]"},
        {T5, "\"num_decoder_layers\": 3", "\"num_decoder_layers\": 0",
         "key \"num_decoder_layers\": expected a whole number from 1 to 1000, found 0"},
        {T5, "\"relu\"", "\"gated-prelu\"",
         "key \"feed_forward_proj\": expected relu, relu2, relu6, leaky_relu, silu, swish, "},
        {T5, "\"relu\"", "\"gelu-gated\"", "tanh or linear, found \"gelu-gated\""},
        {T5, "\"relu\"", "\"relu\", \"dense_act_fn\": \"none\"",
         "key \"dense_act_fn\": expected relu, relu2, relu6, leaky_relu, silu, swish, "},
        {T5, "\"relative_attention_num_buckets\": 8", "\"relative_attention_num_buckets\": 3",
         "key \"relative_attention_num_buckets\": expected a whole number from 4"},
        {T5, "\"relative_attention_max_distance\": 20", "\"relative_attention_max_distance\": 4",
         "key \"relative_attention_max_distance\": expected a whole number from 5"},
        {T5, "\"relative_attention_num_buckets\": 8", "\"x\": 8",
         "relative_attention_bias.weight: expected shape [32, 3], found [8, 3]"},
        {T5, "\"relu\"", "\"relu\", \"layer_norm_epsilon\": -1e-6",
         "key \"layer_norm_epsilon\": expected a number from 0, found -1e-6"},
        {T5, "\"relu\"", "\"relu\", \"layer_norm_epsilon\": NaN",
         "key \"layer_norm_epsilon\": expected a number, found NaN"},
        {T5, "\"relu\"", "\"relu\", \"layer_norm_epsilon\": \"1e-6\"",
         "key \"layer_norm_epsilon\": expected a number, found \"1e-6\""},
        {T5, "\"relu\"", "\"relu\", \"scale_decoder_outputs\": 0",
         "key \"scale_decoder_outputs\": expected true or false, found 0"},
        {GPT2, "\"n_embd\"", "\"x\"", "tensor wte.weight: expected shape [13, 768], found [13, 20]"},
        {GPT2, "\"n_head\"", "\"x\"",
         "key \"n_head\": expected a divisor of the model's dimension 20, but it is missing"},
        {GPT2, "\"n_head\": 2", "\"num_attention_heads\": 3",
         "key \"num_attention_heads\": expected a divisor of the model's dimension 20, found 3"},
        {GPT2, "\"n_layer\"", "\"x\"", "tensor h.3.ln_1.weight: expected shape [20], found no such tensor"},
        {GPT2, "\"vocab_size\"", "\"x\"", "tensor wte.weight: expected shape [50257, 20], found [13, 20]"},
        {GPT2, "\"n_positions\"", "\"x\"", "tensor wpe.weight: expected shape [1024, 20], found [16, 20]"},
        {GPT2, "\"n_inner\": null", "\"n_inner\": 0", "key \"n_inner\": expected a whole number from 1"},
        {GPT2, "\"n_inner\": null", "\"n_inner\": 79",
         "tensor h.0.mlp.c_fc.weight: expected shape [20, 79], found [20, 80]"},
        {GPT2, "\"gelu_new\"", "\"gelu_new\", \"scale_attn_weights\": 1",
         "key \"scale_attn_weights\": expected true or false, found 1"},
        {GPT2, "\"gelu_new\"", "\"gelu_new\", \"is_encoder_decoder\": true",
         "key \"is_encoder_decoder\": expected false"},
        {GPT2, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false",
         "tensor lm_head.weight: expected shape [13, 20], found no such tensor"},
        {GPT2, "\"n_embd\"", "n_embd", "config.json:3: expected a string, found 'n'"},
    };
    const int n = sizeof cases / sizeof *cases;
    static const char directory[] = TEST_DIR "/model-refused", path[] = TEST_DIR "/model-refused/config.json";
    static const char weights[] = TEST_DIR "/model-refused/model.safetensors";
    for (int i = 0, kind = -1; i < n; i++) {
        if (cases[i].kind != kind)
            random_model(directory, &(RandomModel){.architecture = architecture(kind = cases[i].kind)});
        Bytes before = file_replace(path, cases[i].old, cases[i].new);
        CHECK_DOES_NOT_LOAD(directory, cases[i].new, cases[i].message,
                            strstr(cases[i].message, "shape") ? weights : path);
        file_restore(path, &before);
    }
    printf("%d keys\n", n);
}

// ---- special tokens ---------------------------------------------------------------------------------------

#define STORED "\"decoder_start_token_id\": 2, \"bos_token_id\": 3, \"eos_token_id\": 4"

static void special_tokens(void)
{
    static const struct {
        int kind;
        const char *config, *generation;
        int start, bos;
        const char *eos;
    } cases[] = {
        // from generation_config.json, and if there is none from config.json
        {MARIAN, STORED, NULL, 2, 3, "4"},
        {MARIAN, STORED, "{\"decoder_start_token_id\": 0}", 0, -1, ""},
        {MARIAN, STORED, "{\"decoder_start_token_id\": 0, \"eos_token_id\": null}", 0, -1, ""},
        {MARIAN, STORED, "{\"decoder_start_token_id\": 12, \"bos_token_id\": 1, \"eos_token_id\": 0}", 12, 1,
         "0"},
        {UMT5, STORED, NULL, 2, 3, "4"},
        {GPT2, STORED, "{}", -1, -1, ""},
        // one or several ids end a text
        {MARIAN, "\"decoder_start_token_id\": [2], \"eos_token_id\": [4, 1, 9]", NULL, 2, -1, "4 1 9"},
        {MARIAN, "\"decoder_start_token_id\": 2, \"eos_token_id\": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", NULL,
         2, -1, "0 1 2 3 4 5 6 7 8 9 10"},
        {MARIAN, "\"decoder_start_token_id\": 2, \"eos_token_id\": []", NULL, 2, -1, ""},
        // without a start token it is bos
        {MARIAN, "\"bos_token_id\": 7, \"eos_token_id\": 4", NULL, 7, 7, "4"},
        {MARIAN, "\"decoder_start_token_id\": null, \"bos_token_id\": 7", NULL, 7, 7, ""},
        // without an encoder the start token has no meaning and may be absent
        {GPT2, "\"bos_token_id\": 2, \"eos_token_id\": 3", NULL, 2, 2, "3"},
        {GPT2, "\"x\": 0", NULL, -1, -1, ""},
        {GPT2, "\"decoder_start_token_id\": 99", NULL, 99, -1, ""},
        // ids outside of the vocabulary (13) never occur
        {GPT2, "\"bos_token_id\": 13, \"eos_token_id\": 50256", NULL, -1, -1, ""},
        {GPT2, "\"bos_token_id\": -1, \"eos_token_id\": -1, \"pad_token_id\": 13", NULL, -1, -1, ""},
        {GPT2, "\"eos_token_id\": [13, 1, -5, 99999999999]", NULL, -1, -1, "1"},
        {MARIAN, "\"decoder_start_token_id\": 12, \"bos_token_id\": 13", NULL, 12, -1, ""},
    };
    const int n = sizeof cases / sizeof *cases;
    for (int i = 0; i < n; i++) {
        Model m;
        char eos[MAX_IDS_TEXT];
        random_model_load(&m, &(RandomModel){.architecture = architecture(cases[i].kind),
                                             .config = cases[i].config,
                                             .generation = cases[i].generation});
        ids_text(eos, m.ids.eos.ids, m.ids.eos.n);
        CHECK((m.ids.start == cases[i].start || !m.config.has_encoder) && m.ids.bos == cases[i].bos &&
                  !strcmp(eos, cases[i].eos),
              "%s, %s: start %d, bos %d, eos %s", cases[i].config,
              cases[i].generation ? cases[i].generation : "no file", m.ids.start, m.ids.bos, eos);
        for (int id = 0; id < 13; id++) {
            bool is_eos = false;
            for (int k = 0; k < m.ids.eos.n; k++) is_eos |= m.ids.eos.ids[k] == id;
            CHECK(is_end(&m.ids, id) == is_eos, "%s: %d", cases[i].config, id);
        }
        model_free(&m);
    }
    printf("%d directories\n", n);
}

static void special_tokens_refused(void)
{
    static const struct {
        const char *config, *generation, *message, *file;
    } cases[] = {
        {.config = "\"eos_token_id\": 1",
         NULL,
         "key \"decoder_start_token_id\": the decoder starts with it: expected a token id from 0 to 12, "
         "found nothing",
         "config.json"},
        {.config = "\"decoder_start_token_id\": 0",
         "{\"eos_token_id\": 1}",
         "key \"decoder_start_token_id\": the decoder starts with it",
         "generation_config.json"},
        {.config = "\"decoder_start_token_id\": 13, \"bos_token_id\": 1",
         NULL,
         "expected a token id from 0 to 12, found 13",
         "config.json"},
        {.config = "\"bos_token_id\": 13",
         NULL,
         "key \"bos_token_id\": the decoder starts with it: expected a token id from 0 to 12, found 13",
         "config.json"},
        {.config = "\"decoder_start_token_id\": 0, \"eos_token_id\": 1",
         "{\"eos_token_id\": \"<end>\"}",
         "key \"eos_token_id\": expected a token id, or an array of them, found \"<end>\"",
         "generation_config.json:1"},
        {.config = "\"decoder_start_token_id\": 0, \"eos_token_id\": 1",
         "[]",
         "expected an object, found an array",
         "generation_config.json"},
        {.config = "\"decoder_start_token_id\": 0, \"eos_token_id\": 1",
         "{\n,}",
         "expected a string, found ','",
         "generation_config.json:2"},
        {.config = "\"decoder_start_token_id\": 0, \"eos_token_id\": 1",
         "",
         "expected a JSON value, found the end of the text",
         "generation_config.json:1"},
    };
    const int n = sizeof cases / sizeof *cases;
    static const char directory[] = TEST_DIR "/model-ids";
    for (int i = 0; i < n; i++) {
        random_model(directory, &(RandomModel){.architecture = architecture(MARIAN),
                                               .config = cases[i].config,
                                               .generation = cases[i].generation});
        CHECK_DOES_NOT_LOAD(directory, cases[i].config, cases[i].message, cases[i].file, directory);
    }
    printf("%d directories\n", n);
}

// ---- files ------------------------------------------------------------------------------------------------

static void files_missing_or_damaged(void)
{
    static const char directory[] = TEST_DIR "/model-files", config[] = TEST_DIR "/model-files/config.json";
    static const char weights[] = TEST_DIR "/model-files/model.safetensors";
    CHECK_DOES_NOT_LOAD(TEST_DIR "/there-is-none", "no directory", "expected a model directory",
                        "there-is-none\"");
    random_model(directory, &(RandomModel){.architecture = architecture(MARIAN)});
    CHECK_LOADS(directory, "as it was made");
    CHECK_DOES_NOT_LOAD(config, "a file instead of a directory", "expected a model directory",
                        "/config.json\"");

    Bytes before = file_bytes(config);
    text_make(config, "");
    CHECK_DOES_NOT_LOAD(directory, "empty config.json", config,
                        ":1: expected a JSON value, found the end of the text");
    text_make(config, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    CHECK_DOES_NOT_LOAD(directory, "a pointer of git-lfs", config, "is a git-lfs pointer", "git lfs pull");
    text_make(config, "d_model = 20\n");
    CHECK_DOES_NOT_LOAD(directory, "config.json that is no JSON", config,
                        ":1: expected a JSON value, found 'd'");
    file_make(config, before.bytes, before.n / 2);
    CHECK_DOES_NOT_LOAD(directory, "half of config.json", config, "expected");
    text_make(config, "[]");
    CHECK_DOES_NOT_LOAD(directory, "config.json that is an array", config,
                        ": expected an object, found an array");
    text_make(config, "{}");
    CHECK_DOES_NOT_LOAD(directory, "empty object", config, ": key \"architectures\": expected MarianMTModel");
    remove(config);
    CHECK_DOES_NOT_LOAD(directory, "no config.json", config, ": cannot open: ");
    file_restore(config, &before);

    before = file_bytes(weights);
    file_make(weights, before.bytes, before.n - 1);
    CHECK_DOES_NOT_LOAD(directory, "a byte less", weights, "the file is truncated", "expected ", "found ");
    file_make(weights, before.bytes, 1000);
    CHECK_DOES_NOT_LOAD(directory, "cut header", weights, "the header ends ", "truncated?");
    file_make(weights, before.bytes, 5);
    CHECK_DOES_NOT_LOAD(directory, "5 bytes", weights, "5 bytes are too few for a safetensors file");
    text_make(weights, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    CHECK_DOES_NOT_LOAD(directory, "a pointer of git-lfs", weights, "is a git-lfs pointer", "git lfs pull");
    remove(weights);
    CHECK_DOES_NOT_LOAD(directory, "no weights", weights, ": cannot open: ");
    file_restore(weights, &before);
    CHECK_LOADS(directory, "as it was made");
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"random models load with the configuration they are written with", every_choice},
        {"configuration keys and their defaults have their effect", keys_and_defaults},
        {"a configuration that says nothing has the sizes of its class", defaults_of_classes},
        {"a wrong configuration key is named, and what a missing one leads to", keys_refused},
        {"special tokens come from the file of stored options", special_tokens},
        {"a missing or wrong special token is named", special_tokens_refused},
        {"a missing or damaged file of a model is named", files_missing_or_damaged},
    };
    return RUN_TESTS(tests);
}
