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

static const char *name_of(const Checkpoint *file) { return strrchr(file->path, '/') + 1; }

// The shard of an entry of the index, which is opened if it is new; NULL on failure.
static const Checkpoint *shard(Shards *s, Arena *arena, const char *directory, const Json *entry,
                               Error *error)
{
    for (int i = 0; i < s->n_files; i++)
        if (!strcmp(name_of(&s->files[i]), entry->text)) return &s->files[i];
    const char *path = path_of(arena, directory, entry->text);
    if (!file_exists(path))
        fail(error, "%s:%d: tensor %s: its file %s is missing", s->path, entry->line, entry->key, path);
    else if (checkpoint_open(&s->files[s->n_files], path, error)) return &s->files[s->n_files++];
    return NULL;
}

// One entry of the index: its shard must hold the tensor.
static bool check_entry(Shards *s, Arena *arena, const char *directory, const Json *entry, Error *error)
{
    char found[80];
    const char *const name = entry->text, *const tensor = entry->key;
    if (entry->kind != JSON_STRING || !*name || strpbrk(name, "/\\") || strstr(name, ".."))
        return fail(error, "%s:%d: tensor %s: expected the name of a file in the same directory, found %s",
                    s->path, entry->line, tensor, json_describe(entry, found));
    const Checkpoint *file = shard(s, arena, directory, entry, error);
    if (!file || checkpoint_find(file, tensor)) return file;
    return fail(error, "%s:%d: tensor %s is not in %s, where it is listed", s->path, entry->line, tensor,
                file->path);
}

// Every tensor of a shard must be listed for this shard.
static bool check_shard(const Shards *s, const Checkpoint *file, const Json *map, Error *error)
{
    for (int i = 0; i < file->n_tensors && !error->set; i++) {
        const char *tensor = file->tensors[i].name;
        const Json *entry = json_get(map, tensor);
        if (!entry) fail(error, "%s: tensor %s is not listed in %s", file->path, tensor, s->path);
        else if (strcmp(entry->text, name_of(file)))
            fail(error, "%s: tensor %s is listed in %s:%d for another file, %s", file->path, tensor, s->path,
                 entry->line, entry->text);
    }
    return !error->set;
}

static bool open_index(Shards *s, Arena *arena, const char *directory, Error *error)
{
    char found[80];
    const Json *root = json_read(arena, s->path, error), *map = json_get(root, "weight_map");
    if (!map || map->kind != JSON_OBJECT)
        return fail(error, "%s: key \"weight_map\": expected an object, found %s", s->path,
                    json_describe(map, found));
    s->files = arena_alloc(arena, map->count, sizeof *s->files);
    for (const Json *entry = map->first; entry; entry = entry->next)
        if (!check_entry(s, arena, directory, entry, error)) return false;
    for (int i = 0; i < s->n_files; i++)
        if (!check_shard(s, &s->files[i], map, error)) return false;
    return true;
}

bool shards_open(Shards *s, Arena *arena, const char *directory, Error *error)
{
    const char *single = path_of(arena, directory, "model.safetensors");
    const char *index = path_of(arena, directory, "model.safetensors.index.json");
    const bool sharded = !file_exists(single) && file_exists(index);
    *s = (Shards){.path = sharded ? index : single};
    if (sharded) open_index(s, arena, directory, error);
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
