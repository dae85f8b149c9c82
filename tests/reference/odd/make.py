# SPDX-License-Identifier: MIT
"""Makes the models and the numbers in this directory (README.md). Needs torch and transformers; no test runs it.

    python make.py            all models, into the directory of this file
    python make.py NAME...    only these

Weights are random, but larger than those of a fresh model, whose logits are nearly flat and whose answers are
near-ties. The seeds are those among the first few dozen whose answers vary most.
"""
import json
import math
import os
import shutil
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
NEW_TOKENS = (4, 9, 12, 7, 24)
SETTINGS = ((2, 1.0, False), (3, 0.0, True), (4, 0.6, "never"), (5, 2.0, False), (2, 0.6, True), (4, 1.0, False),
            (3, 2.0, "never"), (5, 1.0, True), (3, 1.0, False))
NOISE = 1e-4  # of the largest logit: an answer that this changes is a near-tie and is left out

MODELS = {
    "marian-opus": {
        "class": "MarianMTModel", "seed": 43, "dtype": torch.bfloat16, "gain": 1.8,
        "config": {"model_type": "marian", "vocab_size": 19, "d_model": 20, "encoder_layers": 2, "decoder_layers": 1,
                   "encoder_attention_heads": 2, "decoder_attention_heads": 5, "encoder_ffn_dim": 28,
                   "decoder_ffn_dim": 41, "activation_function": "swish", "scale_embedding": False,
                   "max_position_embeddings": 64, "pad_token_id": 18, "eos_token_id": 0, "bos_token_id": 0,
                   "decoder_start_token_id": 18},
        "generation": {"bad_words_ids": [[18]], "bos_token_id": 0, "decoder_start_token_id": 18, "eos_token_id": 0,
                       "forced_eos_token_id": 0, "max_length": 64, "num_beams": 4, "pad_token_id": 18},
    },
    "marian-untied": {
        "class": "MarianMTModel", "seed": 3, "dtype": torch.float32, "gain": 1.8, "positions": "stored",
        "config": {"model_type": "marian", "vocab_size": 13, "decoder_vocab_size": 17, "d_model": 15,
                   "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 5,
                   "decoder_attention_heads": 3, "encoder_ffn_dim": 33, "decoder_ffn_dim": 16,
                   "activation_function": "gelu", "scale_embedding": True, "max_position_embeddings": 24,
                   "share_encoder_decoder_embeddings": False, "tie_word_embeddings": False, "pad_token_id": 3,
                   "eos_token_id": 2, "decoder_start_token_id": 3, "forced_eos_token_id": 2, "max_length": 24,
                   "no_repeat_ngram_size": 2, "bad_words_ids": [[3], [5, 6], [6, 5]]},
        "generation": None,
    },
    "t5-shared": {
        "class": "T5ForConditionalGeneration", "seed": 6, "dtype": torch.float32, "long": (45, 50),
        "config": {"model_type": "t5", "vocab_size": 23, "d_model": 14, "d_kv": 7, "d_ff": 23, "num_layers": 2,
                   "num_decoder_layers": 2, "num_heads": 3, "relative_attention_num_buckets": 8,
                   "relative_attention_max_distance": 20, "feed_forward_proj": "relu", "pad_token_id": 0,
                   "eos_token_id": 1, "decoder_start_token_id": 0},
        "generation": {"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0, "min_length": 3,
                       "no_repeat_ngram_size": 3},
    },
    "umt5-silu": {
        "class": "UMT5ForConditionalGeneration", "seed": 16, "dtype": torch.float32,
        "config": {"model_type": "umt5", "vocab_size": 21, "d_model": 13, "d_kv": 5, "d_ff": 27, "num_layers": 1,
                   "num_decoder_layers": 2, "num_heads": 4, "relative_attention_num_buckets": 12,
                   "relative_attention_max_distance": 17, "feed_forward_proj": "gated-silu",
                   "layer_norm_epsilon": 1e-3, "tie_word_embeddings": False, "pad_token_id": 0, "eos_token_id": 1,
                   "decoder_start_token_id": 0},
        "generation": {"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0, "forced_bos_token_id": 7,
                       "begin_suppress_tokens": [2, 4, 9], "suppress_tokens": [11]},
    },
    "gpt2-inner": {
        "class": "GPT2LMHeadModel", "seed": 14, "dtype": torch.float32, "prefix": False,
        "config": {"model_type": "gpt2", "vocab_size": 17, "n_positions": 16, "n_embd": 21, "n_layer": 2, "n_head": 3,
                   "n_inner": 31, "activation_function": "gelu_new", "bos_token_id": 16, "eos_token_id": 16},
        "generation": {"bos_token_id": 16, "eos_token_id": 16},
    },
    "gpt2-options": {
        "class": "GPT2LMHeadModel", "seed": 2, "dtype": torch.float16, "prefix": True,
        "config": {"model_type": "gpt2", "vocab_size": 29, "n_positions": 40, "n_embd": 22, "n_layer": 1, "n_head": 2,
                   "activation_function": "gelu", "layer_norm_epsilon": 1e-3, "bos_token_id": 0, "eos_token_id": 1},
        "generation": {"eos_token_id": [1, 5], "pad_token_id": 0, "repetition_penalty": 1.4, "no_repeat_ngram_size": 2,
                       "suppress_tokens": [19], "begin_suppress_tokens": [15, 16], "min_new_tokens": 4,
                       "bad_words_ids": [[20], [21, 21], [15, 15, 23]]},
    },
}


# ---- the models ------------------------------------------------------------------------------------------------------

def lively(model, gain):
    """Random weights that give decided, varying answers. Conv1D stores [in, out], Linear [out, in]."""
    for name, p in model.named_parameters():
        n_in = p.shape[0] if ".c_" in name else p.shape[-1]
        if "embed_positions" in name: p.add_(torch.randn(p.shape) / 2)
        elif "norm" in name or ".ln_" in name: p.copy_(name.endswith("weight") + 0.3 * torch.randn(p.shape))
        elif name.endswith("bias"): p.copy_(0.2 * torch.randn(p.shape))
        elif "relative_attention_bias" in name: p.copy_(2 * torch.randn(p.shape))
        elif name.split(".")[-2] in ("shared", "embed_tokens", "lm_head", "wte", "wpe"):
            p.copy_(1.3 * torch.randn(p.shape) / math.sqrt(n_in))
        else: p.copy_(gain * torch.randn(p.shape) / math.sqrt(n_in))
    table, config = model.lm_head.weight, model.config
    table.mul_(math.sqrt(config.d_model) / 1.5 if getattr(config, "scale_decoder_outputs", False) else 2)
    if hasattr(model, "final_logits_bias"):
        bias = model.final_logits_bias.normal_(-2, 0.3)[0]
        bias[config.eos_token_id] += 1.5
        if config.decoder_start_token_id == config.vocab_size - 1:  # added by Opus-MT's converter: its logit is 0
            bias[-1], table[-1] = 0, 0


def tensors_to_store(model, spec):
    """One copy of tied tensors; positions only if asked for; GPT-2 with or without its prefix."""
    tensors = dict(model.named_parameters())
    if spec.get("positions") != "stored": tensors = {k: v for k, v in tensors.items() if "embed_positions" not in k}
    if spec.get("prefix") is False: tensors = {k.removeprefix("transformer."): v for k, v in tensors.items()}
    if hasattr(model, "final_logits_bias"): tensors["final_logits_bias"] = model.final_logits_bias
    return {k: v.detach().to(spec["dtype"]).contiguous() for k, v in tensors.items()}


def write_json(path, value):
    with open(path, "w") as file: file.write(json.dumps(value, indent=1) + "\n")


def make_model(directory, spec):
    """Write the model directory; return what transformers loads from it."""
    cls = getattr(transformers, spec["class"])
    write_json(f"{directory}/config.json", {"architectures": [spec["class"]], **spec["config"]})
    if spec["generation"]: write_json(f"{directory}/generation_config.json", spec["generation"])
    torch.manual_seed(spec["seed"])
    model = cls(cls.config_class.from_pretrained(directory))
    if spec["config"].get("tie_word_embeddings") is False:  # T5's classes tie the head all the same
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.clone())
    lively(model, spec.get("gain", 1.3))
    save_file(tensors_to_store(model, spec), f"{directory}/model.safetensors", metadata={"format": "pt"})
    model = cls.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").eval()
    loaded = {**dict(model.named_parameters(remove_duplicate=False)), **dict(model.named_buffers())}
    for name, tensor in load_file(f"{directory}/model.safetensors").items():
        assert torch.equal(loaded.get(name, loaded.get("transformer." + name)), tensor.float()), name
    return model


# ---- the numbers -----------------------------------------------------------------------------------------------------

def is_decoder_only(model): return not model.config.is_encoder_decoder


def logits_of(model, source, target):
    """(T, V), teacher-forced."""
    ids = torch.tensor([source])
    if is_decoder_only(model):
        return model(torch.tensor([source + target[:-1]]), use_cache=False).logits[0, -len(target):]
    start = model.generation_config.decoder_start_token_id
    return model(ids, decoder_input_ids=torch.tensor([[start] + target[:-1]]), use_cache=False).logits[0]


def log_probabilities(model, source, target):
    rows = torch.log_softmax(logits_of(model, source, target), -1)
    return [short(rows[t, token]) for t, token in enumerate(target)]


def short(x): return float(f"{float(x):.8g}")


def ends(model):
    eos = model.generation_config.eos_token_id
    return eos if isinstance(eos, list) else [eos]


def cut(model, ids):
    """Up to the first end token."""
    for n, token in enumerate(ids, 1):
        if token in ends(model): return ids[:n]
    return ids


def generate(model, source, **options):
    ids = torch.tensor([source])
    return model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, use_cache=False,
                          output_scores=True, return_dict_in_generate=True, **options)


def greedy(model, source, max_new_tokens):
    out = generate(model, source, num_beams=1, max_new_tokens=max_new_tokens)
    tokens = cut(model, out.sequences[0, -len(out.scores):].tolist())
    best = [row[0].topk(2).values for row in out.scores]
    return tokens, min(float(a - b) for a, b in best)  # a forced token: infinite


def beams(model, source, num_beams, length_penalty, early_stopping, max_new_tokens):
    out = generate(model, source, num_beams=num_beams, num_return_sequences=num_beams, length_penalty=length_penalty,
                   early_stopping=early_stopping, max_new_tokens=max_new_tokens)
    P = len(source) if is_decoder_only(model) else 1
    lengths = (out.beam_indices >= 0).sum(1).tolist()
    return [(row.tolist()[P:P + n], float(score)) for row, score, n in zip(out.sequences, out.sequences_scores, lengths)
            if score > -1e8]  # else a place in the pool that nothing has filled


def is_stable(model, answer):
    """Whether beams hold the same tokens with a little noise on the logits."""
    def tokens(answer): return [t for t, _ in answer]
    expected = tokens(answer())
    def noisy(module, inputs, out): return out + NOISE * max(1, float(out.abs().max())) * torch.randn_like(out)

    hook = model.lm_head.register_forward_hook(noisy)
    stable = all(tokens(answer()) == expected for _ in range(10))
    hook.remove()
    return stable


def make_case(model, name, source, target, max_new_tokens, settings, tensors):
    """None if an answer is a near-tie."""
    tokens, margin = greedy(model, source, max_new_tokens)
    if margin < 0.01: return None
    case = {"name": name, "source": source, "target": target,
            "target_logprobs": log_probabilities(model, source, target)}
    case["greedy"] = {"max_new_tokens": max_new_tokens, "tokens": tokens,
                      "logprobs": log_probabilities(model, source, tokens), "smallest_margin": short(margin)}
    case["beams"] = []
    for setting in settings:
        if not is_stable(model, lambda: beams(model, source, *setting)): return None
        keys = ("num_beams", "length_penalty", "early_stopping", "max_new_tokens")
        case["beams"].append({**dict(zip(keys, setting)), "hypotheses": [
            {"tokens": t, "score": short(s), "logprobs": log_probabilities(model, source, t)}
            for t, s in beams(model, source, *setting)]})
    tensors[f"{name}.logits"] = logits_of(model, source, target).contiguous()
    return case


def random_ids(n, vocab): return torch.randint(vocab, (n,)).tolist()


def make(name):
    spec, directory = MODELS[name], f"{HERE}/{name}"
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    model = make_model(directory, spec)
    torch.manual_seed(spec["seed"])
    V, source_V, cases, tensors, tries = model.lm_head.weight.shape[0], spec["config"]["vocab_size"], [], {}, 0
    while len(cases) < 5:
        i, tries, new_tokens = len(cases), tries + 1, NEW_TOKENS[len(cases)]
        n, T = 1 + 2 * i, 5 + i
        if i == 4 and "long" in spec: n, T = spec["long"]
        if is_decoder_only(model):  # the last case may use up all positions
            room = model.config.n_positions - n + 1
            T, new_tokens = min(T, room), min(new_tokens, room)
        source = random_ids(n, source_V)
        tokens = greedy(model, source, new_tokens)[0]
        is_dull = len(set(tokens)) < 3 or (i in (1, 2) and (tokens[-1] not in ends(model) or len(tokens) == new_tokens))
        if is_dull and tries < 200: continue
        settings = [(*SETTINGS[(2 * i + k) % len(SETTINGS)], new_tokens) for k in range(2 + i % 2)]
        case = make_case(model, f"case{i}", source, random_ids(T, V), new_tokens, settings, tensors)
        if case: cases.append(case)
    made_with = {"architecture": spec["class"], "transformers": transformers.__version__,
                 "torch": torch.__version__.split("+")[0], "dtype": "float32"}
    with open(f"{directory}/cases.json", "w") as file:
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        file.write(f'{{"made_with":{json.dumps(made_with)},"cases":[\n{lines}\n]}}\n')
    save_file(tensors, f"{directory}/tensors.safetensors")
    for file in os.listdir(directory): os.chmod(f"{directory}/{file}", 0o644)
    n_bytes = sum(os.path.getsize(f"{directory}/{file}") for file in os.listdir(directory))
    print(f"{name}: {len(cases)} cases of {tries} tried, {n_bytes} bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    transformers.logging.set_verbosity_error()
    for name in sys.argv[1:] or MODELS: make(name)
