// SPDX-License-Identifier: MIT
// Checkpoints in several files, and weights in files that are not read.
#include "check.h"
#include "loads.h"
#include "made_files.h"
#include "model/checkpoint.h"

enum { N_SHARDS = 3 };

// A model whose tensors are distributed over several files: tensor i of the names in order is in shard i % 3.
typedef struct {
    const char *directory;
    Bytes whole; // model.safetensors before it was divided
    char index[300], shards[N_SHARDS][300], whole_path[300];
} Divided;

static void add_tensor(Bytes *header, Bytes *data, const Checkpoint *file, const Tensor *t,
                       const Bytes *whole)
{
    char shape[60];
    const size_t begin = data->n;
    snprintf(shape, sizeof shape, t->rank == 2 ? "%d, %d" : "%d", (int)t->shape[0], (int)t->shape[1]);
    bytes_add(data, whole->bytes + file->data + t->begin, (size_t)(t->end - t->begin));
    bytes_print(header, "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%zu, %zu]}",
                header->n ? ",\n" : "{", t->name, t->dtype, shape, begin, data->n);
}

static void divide(Divided *d, const char *directory, const RandomModel *what)
{
    Checkpoint file;
    Error error = {0};
    Bytes index = {0};
    *d = (Divided){.directory = directory};
    random_model(directory, what);
    snprintf(d->whole_path, sizeof d->whole_path, "%s/model.safetensors", directory);
    snprintf(d->index, sizeof d->index, "%s/model.safetensors.index.json", directory);
    d->whole = file_bytes(d->whole_path);
    CHECK(checkpoint_open(&file, d->whole_path, &error), "%s", error.message);
    bytes_print(&index, "{\"metadata\": {\"total_size\": 1},\n\"weight_map\": {");
    for (int s = 0; s < N_SHARDS; s++) {
        Bytes header = {0}, data = {0};
        snprintf(d->shards[s], sizeof d->shards[s], "%s/part-%d.safetensors", directory, s);
        for (int i = s; i < file.n_tensors; i += N_SHARDS) {
            add_tensor(&header, &data, &file, &file.tensors[i], &d->whole);
            bytes_print(&index, "%s\n\"%s\": \"part-%d.safetensors\"", i ? "," : "", file.tensors[i].name, s);
        }
        bytes_print(&header, "}");
        safetensors_make(d->shards[s], header.bytes, data.bytes, data.n);
        bytes_free(&header);
        bytes_free(&data);
    }
    bytes_print(&index, "\n}}\n");
    text_make(d->index, index.bytes);
    bytes_free(&index);
    checkpoint_close(&file);
    remove(d->whole_path);
}

static void undivide(Divided *d)
{
    remove(d->index);
    for (int s = 0; s < N_SHARDS; s++) remove(d->shards[s]);
    file_restore(d->whole_path, &d->whole);
}

static void same_model(void)
{
    for (int kind = 0; kind < N_ARCHITECTURES; kind++) {
        Model a, b;
        Divided d;
        Error error = {0};
        const RandomModel is = {.architecture = architecture(kind), .untied_lm_head = kind % 2};
        divide(&d, TEST_DIR "/shards", &is);
        CHECK(model_load(&b, d.directory, PANEL_WIDTH, &error), "%s", error.message);
        random_model_load(&a, &is);
        if (!error.set) {
            const Matrix *u = &a.weights.lm_head.weight, *v = &b.weights.lm_head.weight;
            const Layer *s = &a.weights.decoder.layers[2], *t = &b.weights.decoder.layers[2];
            CHECK_BITS(u->values, v->values, matrix_floats(u), "lm_head");
            CHECK_BITS(s->self.key.weight.values, t->self.key.weight.values,
                       matrix_floats(&s->self.key.weight), "key");
            CHECK_BITS(s->ff_out.weight.values, t->ff_out.weight.values, matrix_floats(&s->ff_out.weight),
                       "feed-forward");
            CHECK_BITS(s->ff_norm.weight, t->ff_norm.weight, a.config.d_model, "norm");
            model_free(&b);
        }
        model_free(&a);
        undivide(&d);
    }
}

// The index of a model in shards with one text replaced by another: what the message says.
static void disagreement(void)
{
    static const struct {
        const char *old, *new, *message;
    } cases[] = {
        {"\"weight_map\"", "\"weights\"", "key \"weight_map\": expected an object, found nothing"},
        {"\"weight_map\": {", "\"weight_map\": 1, \"x\": {", "expected an object, found 1"},
        {"\"wte.weight\": \"part-0.", "\"wte.weight\": \"part-2.",
         "tensor wte.weight is not in " TEST_DIR "/shards-index/part-2.safetensors, where it is listed"},
        {"\"wte.weight\": ", "\"x\": ", "tensor x is not in " TEST_DIR "/shards-index/part-0.safetensors"},
        {",\n\"wte.weight\": \"part-0.safetensors\"", "",
         "part-0.safetensors: tensor wte.weight is not listed in " TEST_DIR
         "/shards-index/model.safetensors.index"},
        {"\"wte.weight\": \"part-0.", "\"wte.weight\": \"part-9.",
         "tensor wte.weight: its file " TEST_DIR "/shards-index/part-9.safetensors is missing"},
        {"\"part-1.safetensors\"", "\"../shards-index/part-1.safetensors\"",
         "expected the name of a file in the same"},
        {"\"part-1.safetensors\"", "\"x\\\\part-1.safetensors\"", "expected the name of a file in the same"},
        {"\"part-1.safetensors\"", "\"..\"",
         "expected the name of a file in the same directory, found \"..\""},
        {"\"part-1.safetensors\"", "\"\"", "expected the name of a file in the same directory, found \"\""},
        {"\"part-1.safetensors\"", "1", "expected the name of a file in the same directory, found 1"},
        {"{", "[", "index.json:"},
    };
    Divided d;
    divide(&d, TEST_DIR "/shards-index", &(RandomModel){.architecture = architecture(GPT2)});
    CHECK_LOADS(d.directory, "as it was made");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Bytes before = file_replace(d.index, cases[i].old, cases[i].new);
        CHECK_DOES_NOT_LOAD(d.directory, cases[i].new, cases[i].message);
        file_restore(d.index, &before);
    }
    // A tensor that is in a second shard too.
    static const char copy[] = TEST_DIR "/shards-index/part-9.safetensors";
    Bytes before = file_bytes(d.shards[1]);
    file_make(copy, before.bytes, before.n);
    Bytes index = file_replace(d.index, "\"part-1.", "\"part-9.");
    CHECK_DOES_NOT_LOAD(d.directory, "two copies", copy, " is listed in ", d.index,
                        " for another file, part-1.safetensors");
    file_restore(d.index, &index);
    remove(copy);

    file_make(d.shards[1], before.bytes, before.n - 1);
    CHECK_DOES_NOT_LOAD(d.directory, "a byte less", d.shards[1], "the file is truncated");
    text_make(d.shards[1], "version https://git-lfs.github.com/spec/v1\n");
    CHECK_DOES_NOT_LOAD(d.directory, "a pointer", d.shards[1], "is a git-lfs pointer");
    remove(d.shards[1]);
    CHECK_DOES_NOT_LOAD(d.directory, "a missing shard", d.index, "its file " TEST_DIR "/shards-index/part-1");
    file_restore(d.shards[1], &before);
    text_make(d.whole_path, "not a checkpoint");
    CHECK_DOES_NOT_LOAD(d.directory, "one file comes first", d.whole_path, "not a safetensors file?");
    undivide(&d);
}

static void other_forms(void)
{
    static const char directory[] = TEST_DIR "/shards-forms";
    static const char *const files[][2] = {
        {"pytorch_model.bin", "save_pretrained()"},
        {"pytorch_model.bin.index.json", "save_pretrained()"},
        {"tf_model.h5", "save_pretrained()"},
        {"flax_model.msgpack", "save_pretrained()"},
        {"model.fp16.safetensors", "rename it to model.safetensors"},
        {"pytorch_model.safetensors", "rename it to model.safetensors"},
        {"model.safetensors.index.fp16.json", "rename it to model.safetensors.index.json"},
        {"adapter_model.safetensors", "merge"},
    };
    random_model(directory, &(RandomModel){.architecture = architecture(GPT2)});
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", directory, files[i][0]);
        text_make(path, "");
        if (!i) CHECK_LOADS(directory, "beside model.safetensors");
        remove(TEST_DIR "/shards-forms/model.safetensors");
        CHECK_DOES_NOT_LOAD(directory, files[i][0], "shards-forms/model.safetensors is missing", files[i][0],
                            files[i][1]);
        remove(path);
    }
    CHECK_DOES_NOT_LOAD(directory, "nothing", "shards-forms/model.safetensors: cannot open");
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"a model in shards is the model in one file", same_model},
        {"an index and shards that disagree are refused, naming file and tensor", disagreement},
        {"weights in another form are refused with what to do", other_forms},
    };
    return RUN_TESTS(tests);
}
