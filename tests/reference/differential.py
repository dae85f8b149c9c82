# SPDX-License-Identifier: MIT
"""Looks for differences from transformers: random small models, stored in random ways, with random options.

    python differential.py BUILD [--seconds N | --models N] [--seed S] [--first I] [--keep DIR] [--plain]

BUILD is the directory with our programs. Needs torch and transformers; no test runs it. Each model of each family is
written to a directory, loaded and decoded by transformers (float32, eager attention, no cache), and by our programs:
logits, greedy search without and with a cache, beam search. Tolerances: README.md. A case that differs is looked at
again with a little noise on the logits: where that changes the answer of transformers too, it is a near-tie. Otherwise
it is a mismatch, its directory is kept, and the exit status is 1. Model I of seed S is always the same (--first I
--models 1 makes it again). --plain keeps to what every program of this kind can load: own names, one file, all keys.
"""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import torch
import transformers
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/odd")
from make import NOISE, cut, generate, is_decoder_only, lively, logits_of, write_json

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

# Where we differ from an exception of transformers on purpose: part of its message, and why ours has an answer.
DELIBERATE = {
    "Padding_idx must be within": "a pad id outside of the vocabulary never occurs",
    "selected index k out of range": "more candidates asked for than there are: all are taken",
}
NO_RESULT = "no token has a finite probability"  # our error; transformers goes on with token 0


class Dice(random.Random):
    def chance(self, p): return self.random() < p
    def some(self, values, least=1): return self.sample(list(values), self.randint(least, len(values)))


# ---- random models ---------------------------------------------------------------------------------------------------

def shape_gpt2(dice, activation):
    heads = dice.randint(1, 4)
    width = heads * dice.randint(2, 9)
    return {"vocab_size": dice.randint(7, 60), "n_positions": dice.choice((16, 23, 40, 64, 1024)), "n_embd": width,
            "n_layer": dice.randint(1, 3), "n_head": heads, "n_inner": dice.choice((None, dice.randint(1, 50))),
            "activation_function": dice.choice((activation, "gelu_new")),
            "layer_norm_epsilon": dice.choice((1e-5, 1e-5, 1e-3))}


def shape_marian(dice, activation):
    heads = dice.choice((1, 2, 3, 4, 5, 6))
    width = heads * dice.randint(1, 5) * dice.choice((1, 2)) + (heads == 1)  # of width 1 LayerNorm leaves nothing
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
    return {"vocab_size": dice.randint(7, 60), "d_model": dice.randint(2, 30), "d_kv": dice.choice((1, 3, 5, 8, 16, 64)),
            "d_ff": dice.randint(1, 50), "num_layers": dice.randint(1, 3), "num_decoder_layers": dice.randint(1, 3),
            "num_heads": dice.randint(1, 5), "relative_attention_num_buckets": buckets,
            "relative_attention_max_distance": dice.choice((128, buckets + 1, 2 * buckets + 3)),
            "feed_forward_proj": dice.choice(("relu", "gated-gelu", activation, f"gated-{activation}")),
            "layer_norm_epsilon": dice.choice((1e-6, 1e-6, 1e-3)), "tie_word_embeddings": dice.chance(0.6)}


def random_shape(dice, family, plain):
    activation = dice.choice(ACTIVATIONS[:5] if plain else ACTIVATIONS)
    config = {"gpt2": shape_gpt2, "marian": shape_marian}.get(family, shape_t5)(dice, activation)
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
    lively(model, 1.5)
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
    if family == "marian" and (plain or dice.chance(0.9)): tensors["final_logits_bias"] = model.final_logits_bias.clone()
    if family == "gpt2" and dice.chance(0.5):
        tensors = {name.removeprefix("transformer."): t for name, t in tensors.items()}
    if family == "gpt2" and dice.chance(0.2):  # buffers of old files, which nobody needs
        tensors |= {"h.0.attn.bias": torch.ones(1, 1, 4, 4), "h.0.attn.masked_bias": torch.tensor(-1e4)}
    if family == "t5" and dice.chance(0.2):
        tensors["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = torch.ones(32, 2)
    return tensors


def save_tensors(dice, directory, tensors, plain):
    dtypes = DTYPES[:3] if plain else DTYPES
    dtype, mixed = dice.choice(dtypes), dice.chance(0.1)
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

def random_id(dice, V, outside): return dice.choice((-1, V, V + 7)) if dice.chance(outside) else dice.randrange(V)


def special_ids(dice, family, V, plain):
    outside = 0 if plain else 0.04
    n_eos = dice.choice((1, 1, 1, 1, 1, 1, 2, 3, 4 if plain else 10))
    eos = [random_id(dice, V, outside) for _ in range(n_eos)]
    ids = {"eos_token_id": eos[0] if n_eos == 1 else eos, "pad_token_id": random_id(dice, V, outside),
           "bos_token_id": random_id(dice, V, outside)}
    if family != "gpt2": ids["decoder_start_token_id"] = random_id(dice, V, outside / 4)
    if plain: return ids
    if dice.chance(0.1): ids["eos_token_id"] = None
    return {key: value for key, value in ids.items() if key == "decoder_start_token_id" or dice.chance(0.9)}


def stored_options(dice, V, n_positions, plain):
    """About three of all."""
    outside = 0 if plain else 0.1
    def ids(most): return [random_id(dice, V, outside) for _ in range(dice.randint(1, most))]
    options = {
        "forced_bos_token_id": lambda: random_id(dice, V, outside / 4),
        "forced_eos_token_id": lambda: ids(2) if dice.chance(0.2) and not plain else random_id(dice, V, outside / 4),
        "bad_words_ids": lambda: [ids(3) for _ in range(dice.randint(1, 6))],
        "suppress_tokens": lambda: ids(4),
        "begin_suppress_tokens": lambda: ids(4),
        "min_length": lambda: dice.randint(0, 9),
        "min_new_tokens": lambda: dice.randint(0, 9),
        "max_length": lambda: dice.randint(5, min(20, n_positions)),
        "max_new_tokens": lambda: dice.randint(1, 6),
        "num_beams": lambda: dice.randint(1, 6),
        "length_penalty": lambda: dice.choice((0.0, 0.6, 1.0, 2.0, -1.0)),
        "early_stopping": lambda: dice.choice((True, False, "never")),
        "no_repeat_ngram_size": lambda: dice.randint(0, 4),
        "repetition_penalty": lambda: dice.choice((1.0, 1.2, 1.9, 0.8)),
        "renormalize_logits": lambda: True,
    }
    if plain: del options["renormalize_logits"]
    chosen = {key: value() for key, value in options.items() if dice.chance(0.2)}
    return {key: None if dice.chance(0.03) and not plain else value for key, value in chosen.items()}


def asked_options(dice, n_new, has_stored_length, beam_search):
    """What the command line asks for, as options of generate()."""
    options = {}
    if not has_stored_length or dice.chance(0.6): options["max_new_tokens"] = dice.randint(1, n_new)
    if dice.chance(0.2): options["min_new_tokens"] = dice.randint(0, 7)
    if dice.chance(0.15): options["repetition_penalty"] = dice.choice((1.0, 1.3, 2.0))
    if dice.chance(0.15): options["no_repeat_ngram_size"] = dice.randint(0, 3)
    if not beam_search: return options
    if dice.chance(0.7): options["num_beams"] = dice.randint(2, 6)
    if dice.chance(0.3): options["length_penalty"] = dice.choice((0.0, 0.5, 1.0, 2.0, -0.5))
    if dice.chance(0.4): options["early_stopping"] = dice.choice((True, False, "never"))
    return options


def write_configuration(dice, directory, family, shape, ids, options, plain):
    config = {"architectures": [CLASSES[family]], "model_type": family, **shape}
    defaults = getattr(transformers, CLASSES[family]).config_class().to_dict()
    if config.get("num_decoder_layers") == config.get("num_layers"): defaults["num_decoder_layers"] = config.get("num_layers")
    if config.get("decoder_vocab_size") == config["vocab_size"]: defaults["decoder_vocab_size"] = config["vocab_size"]
    if not plain:
        for key in shape:
            if key in defaults and config[key] == defaults[key] and dice.chance(0.5): del config[key]
        names = OTHER_NAMES[family] if dice.chance(0.2) else {}
        config = {names.get(key, key) if dice.chance(0.7) else key: value for key, value in config.items()}
        for key in ("architectures", "model_type"):
            if dice.chance(0.15) and "architectures" in config: del config[key]
        if dice.chance(0.2): config["torch_dtype"] = "float16"
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
    return Sample(directory, family, [list(text) for text in sorted(texts)], targets,
                  *(asked_options(dice, n_new, has_length, beam_search) for beam_search in (False, True)))


# ---- transformers ----------------------------------------------------------------------------------------------------

def load(sample):
    cls = getattr(transformers, CLASSES[sample.family])
    model, report = cls.from_pretrained(sample.directory, dtype=torch.float32, attn_implementation="eager",
                                        output_loading_info=True)
    missing = [name for name in report["missing_keys"] if "embed_positions" not in name and "final_logits" not in name]
    if missing: raise LookupError(f"weights missing: {missing[:3]}")
    V, words = model.lm_head.weight.shape[0], model.generation_config.bad_words_ids
    if words:  # those that cannot occur are an exception in generate()
        words = [word for word in words if all(0 <= token < V for token in word)]
        model.generation_config.bad_words_ids = words or None
    return model.eval()


def has_dead_end(out): return not all(row.isfinite().any() for scores in out.scores for row in scores)


def greedy(model, text, options):
    out = generate(model, text, **{**options, "num_beams": 1})
    if has_dead_end(out): return []
    tokens = out.sequences[0, -len(out.scores):].tolist()
    return [(cut(model, tokens) if model.generation_config.eos_token_id is not None else tokens, 0.0)]


def beams(model, text, options):
    n = options.get("num_beams") or model.generation_config.num_beams or 1
    n = n if n > 1 else 4
    out = generate(model, text, **{**options, "num_beams": n, "num_return_sequences": n})
    lengths, P = (out.beam_indices >= 0).sum(1).tolist(), len(text) if is_decoder_only(model) else 1
    rows = zip(out.sequences.tolist(), out.sequences_scores.tolist(), lengths)
    return [(row[P:P + n], score) for row, score, n in rows if score > -1e8]  # else a place that nothing has filled


def is_near_tie(model, answer, expected):
    """Whether a little noise on the logits changes the answer of transformers."""
    def noisy(module, inputs, out): return out + NOISE * max(1, float(out.abs().max())) * torch.randn_like(out)
    def tokens(answer): return [t for t, _ in answer]

    hook = model.lm_head.register_forward_hook(noisy)
    try: return any(tokens(answer()) != tokens(expected) for _ in range(10))
    finally: hook.remove()


# ---- our programs ----------------------------------------------------------------------------------------------------

def command(build_directory, program, sample, options):
    line = [f"{build_directory}/{program}", sample.directory, "--ids"]
    for key, value in options.items(): line += ["--" + key.replace("_", "-"), str(value).lower()]
    return line


def spell(ids): return " ".join(map(str, ids))


def ours(line, texts, has_scores):
    """Answers by text, and what was said."""
    run = subprocess.run(line, input="".join(spell(text) + "\n" for text in texts), capture_output=True, text=True)
    answers = {}
    for row in run.stdout.splitlines():
        text, *score, tokens = row.split("\t")
        answer = [int(t) for t in tokens.split()], float(score[0]) if has_scores else 0.0
        answers.setdefault(text, []).append(answer)
    if run.returncode not in (0, 1, 2): raise SystemExit(f"crash {run.returncode}: {' '.join(line)}\n{run.stderr}")
    return answers, run.stderr


def are_equal(expected, got):
    return [t for t, _ in expected] == [t for t, _ in got] and all(
        abs(e - g) <= 1e-4 * (1 + abs(e)) for (_, e), (_, g) in zip(expected, got))


# ---- comparison ------------------------------------------------------------------------------------------------------

class Comparison:
    def __init__(self, build_directory, sample, totals):
        self.build, self.sample, self.totals, self.differences = build_directory, sample, totals, []

    def differ(self, what, line, text, expected, got):
        self.totals["MISMATCHES"] += 1
        self.differences.append(f"{what}\ncommand: echo {spell(text)!r} | {' '.join(line)}\n"
                                f"expected: {expected}\ngot:      {got}\n")

    def exception(self, e, line, text, refused, got):
        """One of transformers: ours must refuse too, except where it differs on purpose."""
        message = f"{type(e).__name__}: {e}".replace("\n", " ")
        self.totals["exception " + message[:60]] += 1
        if refused: return
        if any(part in message for part in DELIBERATE): self.totals["deliberate differences"] += 1
        else: self.differ("transformers refuses, ours does not", line, text, message, got)

    def logits(self, model):
        text, line = self.sample.texts[0], command(self.build, "02_decoder", self.sample, {})
        line = line[:2] + [spell(text), spell(self.sample.targets), "--ids", "--logits"]
        run = subprocess.run(line, capture_output=True, text=True)
        got = [[float(x) for x in row.split()] for row in run.stdout.splitlines()]
        try: expected = logits_of(model, text, self.sample.targets)
        except Exception as e: return self.exception(e, line, text, run.returncode, run.stdout[:200])
        self.totals["logits rows"] += len(expected)
        if run.returncode: return self.differ("logits: ours refuses", line, text, "logits", run.stderr)
        errors = (torch.tensor(got, dtype=torch.float64) - expected).abs().max(-1).values
        if bool((errors > 2e-5 * expected.abs().max(-1).values.clamp(min=1)).any()):
            self.differ("logits", line, text, expected[0, :8].tolist(), got[0][:8])

    def search(self, model, program, options, oracle, expected):
        sample, has_scores = self.sample, oracle is beams
        line = command(self.build, program, sample, options)
        answers, said = ours(line, sample.texts, has_scores)
        for text in sample.texts:
            got = answers.get(spell(text))
            key = (oracle, spell(text))
            try:
                if key not in expected: expected[key] = oracle(model, text, options)
            except Exception as e: expected[key] = e
            if isinstance(expected[key], Exception):
                self.exception(expected[key], line, text, got is None and "error" in said, got)
                continue
            self.totals[f"texts {program}"] += 1
            if got is None and not expected[key] and NO_RESULT in said: self.totals["dead ends"] += 1
            elif got is None: self.differ(f"{program}: ours refuses", line, text, expected[key], said)
            elif are_equal(expected[key], got): continue
            elif is_near_tie(model, lambda: oracle(model, text, options), expected[key]): self.totals["near-ties"] += 1
            else: self.differ(program, line, text, expected[key], got)

    def all(self):
        sample, expected = self.sample, {}
        try: model = load(sample)
        except Exception as e:
            line = command(self.build, "04_kvcache", sample, {"max_new_tokens": 3})
            answers, _ = ours(line, sample.texts, False)
            return self.exception(e, line, sample.texts[0], not answers, answers)
        self.logits(model)
        for program in ("03_greedy_nocache", "04_kvcache"):
            self.search(model, program, sample.greedy, greedy, expected)
        self.search(model, "05_beam", sample.beams, beams, expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", metavar="BUILD")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--models", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", metavar="DIR")
    parser.add_argument("--plain", action="store_true")
    args = parser.parse_args()
    keep, totals, start, i = args.keep or tempfile.mkdtemp(), collections.Counter(), time.time(), args.first
    while i < args.first + args.models if args.models else time.time() < start + args.seconds:
        dice, directory = Dice(f"{args.seed} {i}"), f"{keep}/{args.seed}-{i}"
        torch.manual_seed(dice.randrange(1 << 30))
        os.makedirs(directory)
        comparison = Comparison(args.build, make_sample(dice, directory, args.plain), totals)
        comparison.all()
        if comparison.differences:
            with open(f"{directory}/differences.txt", "w") as file: file.write("\n".join(comparison.differences))
            print(f"{directory}: {comparison.sample.family}: {len(comparison.differences)}\n{comparison.differences[0]}",
                  flush=True)
        else: shutil.rmtree(directory)
        i += 1
    print(f"{i - args.first} models in {time.time() - start:.0f} s")
    for key in sorted(totals): print(f"{totals[key]:8d} {key}")
    return totals["MISMATCHES"] > 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    sys.exit(main())
