# SPDX-License-Identifier: MIT
"""Looks for differences from transformers: random small models, stored in random ways, with random options.

    python differential.py BUILD [--seconds N | --models N] [--seed S] [--first I] [--keep DIR] [--plain]

BUILD is the directory with our programs. Needs torch and transformers; no test runs it. Each model of each family is
written to a directory, loaded and decoded by transformers (float32, eager attention, no cache), and by our programs:
logits, greedy search without and with a cache, beam search. Tolerances: README.md. A case that differs is looked at
again: if a little noise on the logits changes the tokens of transformers too, it is a near-tie; if the last bits of
the weights change its numbers as much, they are shaky. Otherwise it is a mismatch: its directory is kept (in DIR) with
a file differences.txt, and the exit status is 1. Model I of seed S is always the same (--first I --models 1 makes it
again). --plain keeps to what every program of this kind can load: own names, one file, all keys.
"""
import argparse
import collections
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import torch
import transformers

from random_models import CLASSES, Dice, make_sample  # which adds odd/ to the path
from make import NOISE, cut, generate, is_decoder_only, logits_of

# Where we differ from an exception of transformers on purpose: part of its message, and why ours has an answer.
DELIBERATE = {
    "is also in `suppress_tokens`": "only texts that come to the forced token have no result",
    "index 0 is out of bounds for dimension 0": "no end token, said by an empty list",
    "`eos_token_id` has to be a list of positive": "an end token of -1 never occurs",
    "is out of bounds for dimension 1": "of several forced ids those outside of the vocabulary never occur",
    "selected index k out of range": "more candidates asked for than there are: all are taken",
}


# ---- transformers ----------------------------------------------------------------------------------------------------

def load(sample):
    pad = {"pad_token_id": 1} if sample.family == "marian" else {}  # makes no difference, but outside: an error
    model, report = getattr(transformers, CLASSES[sample.family]).from_pretrained(
        sample.directory, dtype=torch.float32, attn_implementation="eager", output_loading_info=True, **pad)
    missing = [name for name in report["missing_keys"] if "embed_positions" not in name and "final_logits" not in name]
    if missing: raise LookupError(f"weights missing, {min(missing)} and so on")
    V, stored = model.lm_head.weight.shape[0], model.generation_config
    if stored.bad_words_ids:  # those that cannot occur are an exception in generate()
        words = [word for word in stored.bad_words_ids if all(0 <= token < V for token in word)]
        stored.bad_words_ids = words or None
    if stored.decoder_start_token_id is None: stored.decoder_start_token_id = stored.bos_token_id  # as generate() does
    return model.eval()


def greedy(model, text, options):
    """Up to where no token has a finite probability: transformers goes on with token 0."""
    out = generate(model, text, **{**options, "num_beams": 1})
    tokens = out.sequences[0, -len(out.scores):].tolist()
    dead = [i for i, row in enumerate(out.scores) if not row.isfinite().any()]
    if dead: tokens = tokens[:dead[0]]
    if model.generation_config.eos_token_id is not None: tokens = cut(model, tokens)
    return [(tokens, 0.0)] if tokens else []


def beams(model, text, options):
    n = options.get("num_beams") or model.generation_config.num_beams or 1
    n = n if n > 1 else 4
    options = {key: value for key, value in options.items() if key not in ("batch_size", "reorder")}
    out = generate(model, text, **{**options, "num_beams": n, "num_return_sequences": n})
    lengths, P = (out.beam_indices >= 0).sum(1).tolist(), len(text) if is_decoder_only(model) else 1
    penalty = options.get("length_penalty", model.generation_config.length_penalty)
    power = 1.0 if penalty is None else penalty
    rows = zip(out.sequences.tolist(), out.sequences_scores.tolist(), lengths)
    return [(row[P:P + n], score) for row, score, n in rows
            if n and score * n ** power > -1e8]  # else a place that nothing has filled, or a beam that has died


def is_near_tie(model, answer, expected):
    """Whether a little noise on the logits changes the answer of transformers."""
    def noisy(module, inputs, out): return out + NOISE * max(1, float(out.abs().max())) * torch.randn_like(out)

    hook = model.lm_head.register_forward_hook(noisy)
    try: return any(tokens_of(answer()) != tokens_of(expected) for _ in range(10))
    finally: hook.remove()


def is_shaky(model, error_with, error):
    """Whether about as large an error comes from changes of the last bits of all weights."""
    def changed():
        other = copy.deepcopy(model)
        for p in other.parameters(): p.mul_(1 + 1e-7 * torch.randn_like(p))
        return other

    return error <= 4 * max(error_with(changed()) for _ in range(3))


def largest_error(got, expected):
    """Relative to the largest of its row."""
    return float(((got - expected).abs().max(-1).values / expected.abs().max(-1).values.clamp(min=1)).max())


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
    said = run.stderr if run.returncode in (0, 1, 2) else f"crash, status {run.returncode}: {run.stderr}"
    return answers, said


def score_error(expected, got):
    return max([abs(e - g) / (1 + abs(e)) for (_, e), (_, g) in zip(expected, got)], default=0.0)


def tokens_of(answer): return [tokens for tokens, _ in answer]


# ---- comparison ------------------------------------------------------------------------------------------------------

class Comparison:
    def __init__(self, build_directory, sample, totals, no_result):
        self.build, self.sample, self.totals, self.differences = build_directory, sample, totals, []
        self.no_result = no_result  # our error where no token has a finite probability

    def differ(self, what, line, text, expected, got):
        self.totals["MISMATCHES"] += 1
        self.differences.append(f"{what}\ncommand: echo {spell(text)!r} | {' '.join(line)}\n"
                                f"expected: {expected}\ngot:      {got}\n")

    def exception(self, e, line, text, refused, got):
        """One of transformers: ours must refuse too, except where it differs on purpose."""
        message = f"{type(e).__name__}: {e}".replace("\n", " ")
        self.totals["exception " + re.sub(r"\d+", "N", message)[:90]] += 1
        if refused: return
        why = [reason for part, reason in DELIBERATE.items() if part in message]
        if why: self.totals[f"deliberate difference: {why[0]}"] += 1
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
        error = largest_error(torch.tensor(got), expected)
        if error <= 2e-5: return
        def error_with(other): return largest_error(logits_of(other, text, self.sample.targets), expected)
        if is_shaky(model, error_with, error): self.totals["shaky logits"] += 1
        else: self.differ(f"logits, error {error:.2g}", line, text, expected[0, :8].tolist(), got[0][:8])

    def search(self, model, program, options, oracle, expected):
        sample, has_scores = self.sample, oracle is beams
        line = command(self.build, program, sample, options)
        answers, said = ours(line, sample.texts, has_scores)
        for number, text in enumerate(sample.texts, 1):
            got = answers.get(spell(text))
            refused = f"error: line {number}:" in said or not answers and "error: " in said
            key = (oracle, spell(text))
            try:
                if key not in expected: expected[key] = oracle(model, text, options)
            except Exception as e: expected[key] = e
            if isinstance(expected[key], Exception):
                self.exception(expected[key], line, text, refused, got or said)
                continue
            self.totals[f"texts {program}"] += 1
            refused = refused or got is None
            if said.startswith("crash"): self.differ(f"{program} crashes", line, text, expected[key], said)
            elif refused and (got or []) == expected[key] and self.no_result in said: self.totals["dead ends"] += 1
            elif refused: self.differ(f"{program}: ours refuses", line, text, expected[key], said)
            else: self.compare(model, program, line, text, expected[key], got, lambda m: oracle(m, text, options))

    def compare(self, model, program, line, text, expected, got, answer):
        error = score_error(expected, got)
        if tokens_of(expected) == tokens_of(got):
            if error <= 1e-4: return
            kind = "shaky scores" if is_shaky(model, lambda m: score_error(expected, answer(m)), error) else None
        elif len(expected) == len(got) > 1 and error <= 1e-4: kind = "ties"  # forced ids: each costs nothing
        else: kind = "near-ties" if is_near_tie(model, lambda: answer(model), expected) else None
        if kind: self.totals[kind] += 1
        else: self.differ(program, line, text, expected, got)

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
        no_result = "" if args.plain else "no token has a finite probability"
        comparison = Comparison(args.build, make_sample(dice, directory, args.plain), totals, no_result)
        comparison.all()
        if comparison.differences:
            with open(f"{directory}/differences.txt", "w") as file: file.write("\n".join(comparison.differences))
            print(f"{directory}: {comparison.sample.family}, {len(comparison.differences)} of them, first:")
            print(comparison.differences[0], flush=True)
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
