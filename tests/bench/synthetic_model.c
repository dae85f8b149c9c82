// SPDX-License-Identifier: MIT
// synthetic_model.c -- what 01_attention/model/marian.c reads from a file is drawn at random here.
#include "synthetic_model.h"
#include "model/positions.h"
#include "pick.h"
#include <math.h>

enum { MAX_HEAD_DIM = 64 };

typedef struct {
    Model *model;
    Random random;
    Arena scratch; // for one panel before it is packed
    int panel_width;
} Maker;

// n numbers, evenly spread around 0 with the standard deviation `deviation`.
static float *noise(Maker *maker, Arena *arena, size_t n, double deviation)
{
    const double reach = sqrt(3) * deviation;
    float *values = arena_floats(arena, n, 1);
    for (size_t i = 0; i < n; i++) values[i] = (float)((2 * random_next(&maker->random) - 1) * reach);
    return values;
}

static Matrix matrix(Maker *maker, int n_in, int n_out, double deviation)
{
    Matrix made = matrix_new(&maker->model->memory, n_in, n_out, maker->panel_width);
    for (int panel = 0; panel < matrix_panels(&made); panel++) {
        arena_reset(&maker->scratch);
        const size_t n = (size_t)matrix_panel_rows(&made, panel) * n_in;
        matrix_set_panel(&made, panel, noise(maker, &maker->scratch, n, deviation));
    }
    return made;
}

// Outputs are about as large as inputs: sums of n_in products with weights of deviation 1 / sqrt(n_in).
static Linear linear(Maker *maker, int n_in, int n_out)
{
    Linear made = {.weight = matrix(maker, n_in, n_out, 1 / sqrt(n_in))};
    made.bias = noise(maker, &maker->model->memory, n_out, 0.1);
    return made;
}

static Norm norm(Maker *maker, int D)
{
    float *weight = arena_floats(&maker->model->memory, D, 1),
          *bias = noise(maker, &maker->model->memory, D, 0.1);
    for (int d = 0; d < D; d++) weight[d] = 1;
    return (Norm){weight, bias};
}

static Attention attention(Maker *maker, const StackShape *shape, bool causal, const char *name, int layer)
{
    const int D = maker->model->config.d_model, kv_width = shape->n_heads * shape->head_dim;
    Attention a = {.n_heads = shape->n_heads,
                   .head_dim = shape->head_dim,
                   .causal = causal,
                   .of_encoder = shape == &maker->model->config.encoder,
                   .name = name,
                   .layer = layer};
    a.scale = 1 / sqrtf((float)shape->head_dim);
    a.query = linear(maker, D, kv_width);
    a.key = linear(maker, D, kv_width);
    a.value = linear(maker, D, kv_width);
    a.output = linear(maker, kv_width, D);
    return a;
}

static Layer layer(Maker *maker, const StackShape *shape, bool decoder, int i)
{
    const int D = maker->model->config.d_model;
    Layer made = {.self_norm = norm(maker, D), .ff_norm = norm(maker, D)};
    made.self =
        attention(maker, shape, decoder, decoder ? "decoder.self_attention" : "encoder.self_attention", i);
    if (decoder && maker->model->config.has_encoder) {
        made.cross = attention(maker, shape, false, "decoder.cross_attention", i);
        made.cross_norm = norm(maker, D);
    }
    made.ff_in = linear(maker, D, shape->d_ff);
    made.ff_out = linear(maker, shape->d_ff, D);
    return made;
}

static Stack stack(Maker *maker, const StackShape *shape, bool decoder, Matrix embedding,
                   const float *positions)
{
    Stack made = {.embedding = embedding, .positions = positions, .n_layers = shape->n_layers};
    made.hidden_name = decoder ? "decoder.hidden" : "encoder.hidden";
    made.layers = arena_alloc(&maker->model->memory, shape->n_layers, sizeof *made.layers);
    for (int i = 0; i < shape->n_layers; i++) made.layers[i] = layer(maker, shape, decoder, i);
    return made;
}

static Config configuration(const Shape *shape, int max_positions)
{
    const int D = shape->d_model;
    StackShape stack = {.n_layers = shape->n_layers, .d_ff = shape->d_ff};
    stack.head_dim = D < MAX_HEAD_DIM ? D : MAX_HEAD_DIM;
    while (D % stack.head_dim) stack.head_dim--;
    stack.n_heads = D / stack.head_dim;
    return (Config){
        .d_model = D,
        .vocab = shape->vocab,
        .source_vocab = shape->vocab,
        .has_encoder = !shape->decoder_only,
        .encoder = stack,
        .decoder = stack,
        .norm = LAYER_NORM,
        .norm_epsilon = 1e-5f,
        .max_positions = max_positions,
        .activation = RELU,
        .biases = true,
        .scaled_scores = true,
        .shared_embedding = true,
        .tied_lm_head = true,
        .embedding_scale = 1,
        .output_scale = 1,
    };
}

Model synthetic_model(const Shape *shape, int max_positions, int panel_width)
{
    const int D = shape->d_model, V = shape->vocab;
    Model m = {.config = configuration(shape, max_positions), .ids = {.start = 0, .bos = -1}};
    Maker maker = {.model = &m, .random = random_stream(1, 0), .panel_width = panel_width};
    m.directory = m.stored_file = "a synthetic model";
    const Matrix embedding = matrix(&maker, D, V, 1);
    const float *positions = sinusoidal_positions(&m.memory, max_positions, D);
    if (m.config.has_encoder)
        m.weights.encoder = stack(&maker, &m.config.encoder, false, embedding, positions);
    m.weights.decoder = stack(&maker, &m.config.decoder, true, embedding, positions);
    m.weights.lm_head.weight = embedding;
    m.weights.lm_head.bias = noise(&maker, &m.memory, V, 0.1);
    arena_free(&maker.scratch);
    return m;
}
