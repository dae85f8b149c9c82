# SPDX-License-Identifier: MIT
"""Random small models of all families, stored in random ways, with random options. For differential.py.

As in odd/make.py the weights are larger than those of a fresh model, whose answers are near-ties. plain: what every
program of this kind can load, with the options that all know, and never all tokens banned.
"""
import collections
import os
import random
import sys

import torch
import transformers
from safetensors.torch import save_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "odd"))
from make import lively, write_json

CLASSES = {"gpt2": "GPT2LMHeadModel", "marian": "MarianMTModel", "t5": "T5ForConditionalGeneration",
           "mt5": "MT5ForConditionalGeneration", "umt5": "UMT5ForConditionalGeneration"}
PLAIN_FAMILIES = ("gpt2", "marian", "t5", "umt5")
ACTIVATIONS = ("relu", "gelu", "gelu_new", "silu", "swish", "gelu_pytorch_tanh", "gelu_fast", "gelu_python", "gelu_10",
               "gelu_accurate", "gelu_python_tanh", "quick_gelu", "relu2", "relu6", "leaky_relu", "hardswish", "mish",
               "sqrtsoftplus", "laplace", "sigmoid", "tanh", "linear")
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
OTHER_NAMES = {"gpt2": {"n_embd": "hidden_size", "n_layer": "num_hidden_layers", "n_head": "num_attention_heads",
                        "n_positions": "max_position_embeddings"},
               "marian": {"d_model": "hidden_size", "encoder_layers": "num_hidden_layers",
                          "encoder_attention_heads": "num_attention_heads"},
               "t5": {"d_model": "hidden_size", "num_layers": "num_hidden_layers", "num_heads": "num_attention_heads",
                      "d_kv": "head_dim"}}
OTHER_NAMES["mt5"] = OTHER_NAMES["umt5"] = OTHER_NAMES["t5"]
WIDTH = 4  # at least: norms of very narrow rows make a lot of rounding errors


class Dice(random.Random):
    def chance(self, p): return self.random() < p
    def some(self, values, least=1): return self.sample(list(values), self.randint(least, len(values)))


# ---- random models ---------------------------------------------------------------------------------------------------

def shape_gpt2(dice, activation):
    heads = dice.randint(1, 4)
    width = heads * dice.randint(-(-WIDTH // heads), 9)
    return {"vocab_size": dice.randint(7, 60), "n_positions": dice.choice((16, 23, 40, 64, 1024)), "n_embd": width,
            "n_layer": dice.randint(1, 3), "n_head": heads, "n_inner": dice.choice((None, dice.randint(1, 50))),
            "activation_function": dice.choice((activation, "gelu_new")),
            "layer_norm_epsilon": dice.choice((1e-5, 1e-5, 1e-3))}


def shape_marian(dice, activation):
    heads = dice.choice((1, 2, 3, 4, 5, 6))
    width = heads * dice.randint(-(-WIDTH // heads), 10)
    divisors = [n for n in range(1, width + 1) if width % n == 0]
    config = {"vocab_size": dice.randint(7, 60), "d_model": width, "encoder_layers": dice.randint(1, 3),
              "decoder_layers": dice.randint(1, 3), "encoder_attention_heads": heads,
              "decoder_attention_heads": dice.choice(divisors), "encoder_ffn_dim": dice.randint(1, 50),
              "decoder_ffn_dim": dice.randint(1, 50), "activation_function": activation,
              "scale_embedding": dice.chance(0.5), "max_position_embeddings": dice.choice((48, 64, 1024)),
              "share_encoder_decoder_embeddings": dice.chance(0.7), "tie_word_embeddings": dice.chance(0.7)}
    other = not config["share_encoder_decoder_embeddings"] and dice.chance(0.7)
    config["decoder_vocab_size"] = dice.randint(7, 60) if other else config["vocab_size"]
    return config


def shape_t5(dice, activation):
    buckets = dice.choice((32, 32, 4, 7, 8, 12))
    return {"vocab_size": dice.randint(7, 60), "d_model": dice.randint(WIDTH, 30),
            "d_kv": dice.choice((1, 3, 5, 8, 16, 64)), "d_ff": dice.randint(1, 50), "num_layers": dice.randint(1, 3),
            "num_decoder_layers": dice.randint(1, 3), "num_heads": dice.randint(1, 5),
            "relative_attention_num_buckets": buckets,
            "relative_attention_max_distance": dice.choice((128, buckets + 1, 2 * buckets + 3)),
            "feed_forward_proj": dice.choice(("relu", "gated-gelu", activation, f"gated-{activation}")),
            "layer_norm_epsilon": dice.choice((1e-6, 1e-6, 1e-3)), "tie_word_embeddings": dice.chance(0.6)}


def random_shape(dice, family, plain):
    activation = dice.choice(ACTIVATIONS[:5] if plain else ACTIVATIONS)
    config = {"gpt2": shape_gpt2, "marian": shape_marian}.get(family, shape_t5)(dice, activation)
    for key in {"vocab_size", "decoder_vocab_size"} & set(config) if plain else (): config[key] += 20
    if plain and "feed_forward_proj" in config:
        config["feed_forward_proj"] = dice.choice(("relu", "gated-gelu", "gated-silu"))
    if plain and family == "gpt2": return config
    if family == "gpt2":
        config |= {"scale_attn_weights": dice.chance(0.8), "scale_attn_by_inverse_layer_idx": dice.chance(0.2),
                   "tie_word_embeddings": dice.chance(0.8)}
    return config


def build(family, config):
    """A model with lively weights. Its special ids only serve lively()."""
    cls = getattr(transformers, CLASSES[family])
    V = config.get("decoder_vocab_size") or config["vocab_size"]
    ids = {"eos_token_id": 1, "pad_token_id": 0, "decoder_start_token_id": V - 1, "forced_eos_token_id": None}
    model = cls(cls.config_class(**config, **(ids if family != "gpt2" else {})))
    lively(model, 1.5 if family in ("gpt2", "marian") else 1.3)
    return model


def tensors_to_store(dice, family, model, plain):
    """Of tied tables one under any name, several, or several that differ; with or without a prefix; more or less."""
    named, groups, tensors = dict(model.named_parameters(remove_duplicate=False)), {}, {}
    for name, p in named.items(): groups.setdefault(p.data_ptr(), []).append(name)
    for names in groups.values():
        how = dice.choice(("one", "all", "all" if plain else "some", "one" if plain else "differ"))
        keep = names if how == "all" else dice.some(names) if how != "one" else [dice.choice(names)]
        if plain and how == "one": keep = names[:1]
        for name in keep:
            p = named[name].detach()
            tensors[name] = p.std() * torch.randn(p.shape) if how == "differ" and len(names) > 1 else p.clone()
    positions = [name for name in tensors if "embed_positions" in name]
    for name in dice.some(positions, 0) if dice.chance(0.5) else positions: del tensors[name]
    if family == "marian" and (plain or dice.chance(0.9)): tensors["final_logits_bias"] = model.final_logits_bias
    if family == "gpt2" and dice.chance(0.5):
        tensors = {name.removeprefix("transformer."): t for name, t in tensors.items()}
    if family == "gpt2" and dice.chance(0.2):  # buffers of old files, which nobody needs
        tensors |= {"h.0.attn.bias": torch.ones(1, 1, 4, 4), "h.0.attn.masked_bias": torch.tensor(-1e4)}
    elif family == "marian" and not plain and dice.chance(0.1):
        tensors = {name.removeprefix("model."): t for name, t in tensors.items()}
    elif "t5" in family and not plain and dice.chance(0.1):
        tensors = {"transformer." + name: t for name, t in tensors.items()}
    elif family == "t5" and dice.chance(0.2):
        tensors["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = torch.ones(32, 2)
    return tensors


def save_tensors(dice, directory, tensors, plain):
    dtypes = DTYPES[:3] if plain else DTYPES
    dtype, mixed = dice.choice(dtypes), dice.chance(0.1) and not plain
    tensors = {name: t.to(dice.choice(dtypes) if mixed else dtype).contiguous() for name, t in tensors.items()}
    n = 1 if plain or dice.chance(0.7) else dice.randint(2, 4)
    if n == 1: return save_file(tensors, f"{directory}/model.safetensors", metadata={"format": "pt"})
    files = [f"model-{i:05d}-of-{n:05d}.safetensors" for i in range(1, n + 1)]
    where = {name: dice.choice(files) for name in tensors}
    for file in files:
        save_file({name: t for name, t in tensors.items() if where[name] == file}, f"{directory}/{file}",
                  metadata={"format": "pt"})
    write_json(f"{directory}/model.safetensors.index.json", {"metadata": {}, "weight_map": where})


# ---- random options --------------------------------------------------------------------------------------------------

def outside_at_end(dice, V, p): return dice.choice((V, V + 7)) if dice.chance(p) else dice.randrange(V)


def random_id(dice, V, outside): return dice.choice((-1, V, V + 7)) if dice.chance(outside) else dice.randrange(V)


def special_ids(dice, family, V, plain):
    outside = 0 if plain else 0.04
    n_eos = dice.choice((1, 1, 1, 1, 1, 1, 2, 3, 4 if plain else 10))
    eos = [random_id(dice, V, outside) for _ in range(n_eos)]
    ids = {"eos_token_id": eos[0] if n_eos == 1 else eos, "pad_token_id": random_id(dice, V, outside),
           "bos_token_id": random_id(dice, V, outside)}
    if family != "gpt2": ids["decoder_start_token_id"] = random_id(dice, V, outside / 4)
    if plain: return ids
    if dice.chance(0.1): ids["eos_token_id"] = dice.choice((None, []))
    return {key: value for key, value in ids.items() if dice.chance(0.93)}


def stored_options(dice, V, n_positions, plain):
    """About three of all."""
    outside = 0 if plain else 0.1
    def forced(): return outside_at_end(dice, V, outside / 4)  # there a negative one counts from the end
    def ids(most): return [random_id(dice, V, outside) for _ in range(dice.randint(1, most))]
    options = {
        "forced_bos_token_id": forced,
        "forced_eos_token_id": lambda: [forced(), forced()] if dice.chance(0.2) and not plain else forced(),
        "bad_words_ids": lambda: [ids(1 if plain else 3) for _ in range(dice.randint(1, 6))],
        "suppress_tokens": lambda: ids(4),
        "begin_suppress_tokens": lambda: ids(4),
        "min_length": lambda: dice.randint(0, 9),
        "min_new_tokens": lambda: dice.randint(0, 9),
        "max_length": lambda: dice.randint(5, min(20, n_positions)),
        "max_new_tokens": lambda: dice.randint(1, 6),
        "num_beams": lambda: dice.randint(1, 6),
        "length_penalty": lambda: dice.choice((0.0, 0.6, 1.0, 2.0, -1.0)),
        "early_stopping": lambda: dice.choice((True, False, "never")),
        "no_repeat_ngram_size": lambda: dice.randint(2 if plain else 0, 4),
        "repetition_penalty": lambda: dice.choice((1.0, 1.2, 1.9, 0.8)),
        "renormalize_logits": lambda: True,
    }
    if plain: del options["renormalize_logits"]
    chosen = {key: value() for key, value in options.items() if dice.chance(0.2)}
    if plain:
        chosen.setdefault("forced_eos_token_id", None)
        if any(chosen.get(key) is not None for key in ("forced_bos_token_id", "forced_eos_token_id")):
            chosen.pop("begin_suppress_tokens", None)
    return {key: None if dice.chance(0.03) and not plain else value for key, value in chosen.items()}


def asked_options(dice, n_new, has_stored_length, beam_search, plain):
    """What the command line asks for, as options of generate()."""
    options = {}
    if not has_stored_length or dice.chance(0.6): options["max_new_tokens"] = dice.randint(1, n_new)
    if dice.chance(0.2): options["min_new_tokens"] = dice.randint(0, 7)
    if dice.chance(0.15): options["repetition_penalty"] = dice.choice((1.0, 1.3, 2.0))
    if dice.chance(0.15): options["no_repeat_ngram_size"] = dice.randint(2 if plain else 0, 3)
    if not beam_search: return options
    if dice.chance(0.2): options |= {"batch_size": dice.randint(1, 3), "reorder": dice.choice(("share", "copy"))}
    if dice.chance(0.7): options["num_beams"] = dice.randint(2, 6)
    if dice.chance(0.3): options["length_penalty"] = dice.choice((0.0, 0.5, 1.0, 2.0, -0.5))
    if dice.chance(0.4): options["early_stopping"] = dice.choice((True, False, "never"))
    return options


def unusual_keys(dice, family):
    keys = {"torch_dtype": "float16", "dtype": "bfloat16", "use_cache": False, "do_sample": True, "top_k": 2,
            "temperature": 0.5, "is_decoder": False, "transformers_version": "4.0.0"}
    if family == "gpt2": keys |= {"reorder_and_upcast_attn": True, "add_cross_attention": False, "n_ctx": 5}
    elif family == "marian": keys |= {"add_bias_logits": False, "static_position_embeddings": True}
    else: keys |= {"scale_decoder_outputs": dice.chance(0.5), "scalable_attention": True, "dense_act_fn": "relu"}
    return {key: keys[key] for key in dice.sample(list(keys), 2)}


def write_configuration(dice, directory, family, shape, ids, options, plain):
    config = {"architectures": [CLASSES[family]], "model_type": family, **shape}
    defaults = getattr(transformers, CLASSES[family]).config_class().to_dict()
    defaults |= {"num_decoder_layers": shape.get("num_layers"), "decoder_vocab_size": shape["vocab_size"]}
    if not plain:
        for key in shape:
            if key in defaults and config[key] == defaults[key] and dice.chance(0.5): del config[key]
        names = OTHER_NAMES[family] if dice.chance(0.2) else {}
        config = {names.get(key, key) if dice.chance(0.7) else key: value for key, value in config.items()}
        for key in ("architectures", "model_type"):
            if dice.chance(0.15) and "architectures" in config: del config[key]
        if dice.chance(0.3): config |= unusual_keys(dice, family)
    if dice.chance(0.4):
        config |= ids | options
    else:
        write_json(f"{directory}/generation_config.json", ids | options)
        V = shape.get("decoder_vocab_size") or shape["vocab_size"]
        config |= ids if plain or dice.chance(0.5) else special_ids(dice, family, V, plain)
        if not plain and dice.chance(0.2): config |= stored_options(dice, V, 16, plain)  # these do not count
    write_json(f"{directory}/config.json", config)


Sample = collections.namedtuple("Sample", "directory family texts targets greedy beams")


def make_sample(dice, directory, plain):
    """A model directory, and what to ask of it."""
    family = dice.choice(PLAIN_FAMILIES if plain else list(CLASSES))
    shape = random_shape(dice, family, plain)
    save_tensors(dice, directory, tensors_to_store(dice, family, build(family, shape), plain), plain)
    V, S = shape.get("decoder_vocab_size") or shape["vocab_size"], shape["vocab_size"]
    n_positions = shape.get("n_positions", shape.get("max_position_embeddings", 1024))
    options = stored_options(dice, V, n_positions, plain)
    write_configuration(dice, directory, family, shape, special_ids(dice, family, V, plain), options, plain)
    longest = 9 if family == "gpt2" or dice.chance(0.8) else 40
    texts = {tuple(dice.randrange(S) for _ in range(dice.randint(1, longest))) for _ in range(dice.randint(2, 5))}
    if dice.chance(0.03): texts |= {(1, S)}  # outside of the vocabulary
    n_new = min(dice.choice((6, 12, 20)), n_positions + 1 - (longest if family == "gpt2" else 1))
    has_length = options.get("max_length") or options.get("max_new_tokens")
    targets = [dice.randrange(V) for _ in range(dice.randint(1, 7))]
    asked = [asked_options(dice, n_new, has_length, beam_search, plain) for beam_search in (False, True)]
    return Sample(directory, family, [list(text) for text in sorted(texts)], targets, *asked)
