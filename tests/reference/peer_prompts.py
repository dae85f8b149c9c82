# SPDX-License-Identifier: MIT
"""Time of a long prompt, and of a token behind it, in our 04_kvcache and in transformers (one thread).

    python peer_prompts.py BUILD [--lengths N ...] [--tokens N] [--rounds N]

BUILD is the directory with our programs. The model is a GPT-2 with random weights (d_model 512, 6 layers, 8 heads,
8,192 positions, 8,000 tokens), written to a temporary directory by save_pretrained() and read from there by both.
Needs torch and transformers; no test runs it. Both have a cache; transformers is its forward pass without generate(),
with logits of the last token only, and the faster of its attentions "sdpa" and "eager" counts.

Ours is a process whose stdout is read as it is written. Prompt: from its start to its first token, less the same time
for a prompt of one token, which is loading. Token: the time from the first token to the last, divided by their number.
Everything takes turns, round by round; printed are medians, and medians of the ratios within the rounds.
"""
import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

import torch
import transformers

ATTENTIONS = "sdpa", "eager"


def save_model(directory):
    torch.manual_seed(1)
    config = transformers.GPT2Config(n_embd=512, n_layer=6, n_head=8, n_positions=8192, vocab_size=8000,
                                     bos_token_id=0, eos_token_id=None)
    transformers.GPT2LMHeadModel(config).save_pretrained(directory)


def load(directory, attention):
    return transformers.GPT2LMHeadModel.from_pretrained(directory, attn_implementation=attention).eval()


@torch.inference_mode()
def run_theirs(model, prompt, n_tokens):
    """Seconds of the prompt, seconds per further token, and the tokens."""
    ids, tokens, times = torch.tensor([prompt]), [], [time.perf_counter()]
    out = transformers.modeling_outputs.CausalLMOutputWithCrossAttentions()
    for _ in range(n_tokens):
        out = model(ids, past_key_values=out.past_key_values, use_cache=True, logits_to_keep=1)
        tokens.append(int(out.logits[0, -1].argmax()))
        ids = torch.tensor([tokens[-1:]])
        times.append(time.perf_counter())
    return times[1] - times[0], (times[-1] - times[1]) / max(1, n_tokens - 1), tokens


def read_tokens(stream):
    """The tokens of an output line, and when the first and the last of them came."""
    first, text = None, b""
    while chunk := os.read(stream.fileno(), 1 << 16):
        text += chunk
        last = time.perf_counter()
        if first is None and b"\t" in text and text.split(b"\t")[1]: first = last
    return [int(token) for token in text.split(b"\t")[1].split()], first, last


def run_ours(build, directory, prompt, n_tokens):
    """Seconds to the first token, loading included; seconds per further token; the tokens."""
    line = [os.path.join(build, "04_kvcache"), directory, "--ids", " ".join(map(str, prompt)),
            "--max-new-tokens", str(n_tokens)]
    start = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        tokens, first, last = read_tokens(process.stdout)
    if process.returncode: raise SystemExit(f"{line[0]} ended with status {process.returncode}")
    return first - start, (last - first) / max(1, n_tokens - 1), tokens


def one_round(args, directory, models, prompts, results):
    """Appends to results[what, n, program]."""
    def note(what, n, program, value): results.setdefault((what, n, program), []).append(value)
    loading = run_ours(args.build, directory, prompts[0][:1], 1)[0]
    for prompt in prompts:
        n, theirs = len(prompt), [run_theirs(model, prompt, args.tokens) for model in models]
        to_first, per_token, tokens = run_ours(args.build, directory, prompt, args.tokens)
        for attention, (whole, token, _) in zip(ATTENTIONS, theirs):
            note("prompt", n, attention, whole)
            note("token", n, attention, token)
        note("prompt", n, "ours", to_first - loading)
        note("token", n, "ours", per_token)
        equal = [a == b for a, b in zip(tokens, theirs[0][2])]
        note("equal", n, "", (equal + [False]).index(False))


def report(args, results):
    print("what\tn\tprogram\tms\tleast\tmost\tours / its")
    for (what, n, program), values in results.items():
        if what == "equal":
            print(f"# {n}: the first {min(values)} of {args.tokens} tokens are the same")
            continue
        ratio = statistics.median(a / b for a, b in zip(results[what, n, "ours"], values))
        ms = [1e3 * seconds for seconds in (statistics.median(values), min(values), max(values))]
        print(f"{what}\t{n}\t{program}\t{ms[0]:.4g}\t{ms[1]:.4g}\t{ms[2]:.4g}\t{ratio:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--lengths", type=int, nargs="+", default=[2000, 4000])
    parser.add_argument("--tokens", type=int, default=33, help="to produce after the prompt")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
    dice, results = random.Random(1), {}
    prompts = [[dice.randrange(8000) for _ in range(n)] for n in args.lengths]
    with tempfile.TemporaryDirectory() as directory:
        save_model(directory)
        models = [load(directory, attention) for attention in ATTENTIONS]
        for _ in range(args.rounds): one_round(args, directory, models, prompts, results)
    print("# transformers", transformers.__version__, "torch", torch.__version__, "1 thread")
    report(args, results)


if __name__ == "__main__": sys.exit(main())
