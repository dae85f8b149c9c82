// SPDX-License-Identifier: MIT
// shards.c -- opens the files of a checkpoint, and compares what is in them with what the index says.
#include "model/shards.h"
#include "model/files.h"
#include "model/json.h"
#include <string.h>

// Weights in another form: which file, and what can be done about it.
static bool refuse_other_forms(Arena *arena, const char *directory, Error *error)
{
    static const char convert[] = "load it with transformers and call save_pretrained(), which writes "
                                  "model.safetensors",
                      rename[] = "if these are the weights to use, rename it to model.safetensors";
    static const struct {
        const char *file, *advice;
    } forms[] = {
        {"pytorch_model.bin", convert},
        {"pytorch_model.bin.index.json", convert},
        {"tf_model.h5", convert},
        {"flax_model.msgpack", convert},
        {"pytorch_model.safetensors", rename},
        {"model.fp16.safetensors", rename},
        {"model.bf16.safetensors", rename},
        {"model.fp32.safetensors", rename},
        {"model.safetensors.index.fp16.json", "rename it to model.safetensors.index.json"},
        {"adapter_model.safetensors", "an adapter changes a model that is elsewhere: merge them first"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms && !error->set; i++)
        if (file_exists(path_of(arena, directory, forms[i].file)))
            fail(error, "%s/model.safetensors is missing, %s is there, which is not read: %s", directory,
                 forms[i].file, forms[i].advice);
    return !error->set;
}

static Checkpoint *find_file(const Shards *s, const char *path)
{
    for (int i = 0; i < s->n_files; i++)
        if (!strcmp(s->files[i].path, path)) return &s->files[i];
    return NULL;
}

// One entry of the index: the shard is opened if it is new, and must hold the tensor.
static bool open_listed(Shards *s, Arena *arena, const char *directory, const char *index, const Json *entry,
                        Error *error)
{
    char found[80];
    const char *const name = entry->text;
    if (entry->kind != JSON_STRING || !*name || strpbrk(name, "/\\") || strstr(name, ".."))
        return fail(error, "%s:%d: tensor %s: expected the name of a file in the same directory, found %s",
                    index, entry->line, entry->key, json_describe(entry, found));
    const char *path = path_of(arena, directory, name);
    Checkpoint *file = find_file(s, path);
    if (!file) {
        if (!file_exists(path))
            return fail(error, "%s:%d: tensor %s: its file %s is missing", index, entry->line, entry->key,
                        path);
        if (!checkpoint_open(&s->files[s->n_files], path, error)) return false;
        file = &s->files[s->n_files++];
    }
    if (checkpoint_find(file, entry->key)) return true;
    return fail(error, "%s:%d: tensor %s is not in %s, where it is listed", index, entry->line, entry->key,
                path);
}

// Every tensor of a shard must be listed for this shard.
static bool check_listed(const Checkpoint *file, const char *index, const Json *map, Error *error)
{
    for (int i = 0; i < file->n_tensors && !error->set; i++) {
        const char *name = file->tensors[i].name, *base = strrchr(file->path, '/') + 1;
        const Json *entry = json_get(map, name);
        if (!entry) fail(error, "%s: tensor %s is not listed in %s", file->path, name, index);
        else if (strcmp(entry->text, base))
            fail(error, "%s: tensor %s is listed in %s:%d for another file, %s", file->path, name, index,
                 entry->line, entry->text);
    }
    return !error->set;
}

static bool open_index(Shards *s, Arena *arena, const char *directory, const char *index, Error *error)
{
    char found[80];
    const Json *root = json_read(arena, index, error), *map = json_get(root, "weight_map");
    if (!map || map->kind != JSON_OBJECT)
        return fail(error, "%s: key \"weight_map\": expected an object, found %s", index,
                    json_describe(map, found));
    s->files = arena_alloc(arena, map->count, sizeof *s->files);
    for (const Json *entry = map->first; entry; entry = entry->next)
        if (!open_listed(s, arena, directory, index, entry, error)) return false;
    for (int i = 0; i < s->n_files; i++)
        if (!check_listed(&s->files[i], index, map, error)) return false;
    return true;
}

bool shards_open(Shards *s, Arena *arena, const char *directory, Error *error)
{
    const char *single = path_of(arena, directory, "model.safetensors");
    const char *index = path_of(arena, directory, "model.safetensors.index.json");
    *s = (Shards){.path = single};
    if (!file_exists(single) && file_exists(index)) open_index(s, arena, directory, s->path = index, error);
    else if (file_exists(single) || refuse_other_forms(arena, directory, error)) {
        s->files = arena_alloc(arena, 1, sizeof *s->files);
        s->n_files = checkpoint_open(s->files, single, error);
    }
    if (error->set) shards_close(s);
    return !error->set;
}

void shards_close(Shards *s)
{
    for (int i = 0; i < s->n_files; i++) checkpoint_close(&s->files[i]);
    s->n_files = 0;
}

const Tensor *shards_find(const Shards *s, const char *name, const Checkpoint **file)
{
    for (int i = 0; i < s->n_files; i++) {
        const Tensor *tensor = checkpoint_find(&s->files[i], name);
        if (tensor) return *file = &s->files[i], tensor;
    }
    return NULL;
}
