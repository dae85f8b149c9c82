# SPDX-License-Identifier: MIT
"""Words per second of our programs and of CTranslate2 (float32, one thread), greedy and with 4 beams.

    python peer_words.py BUILD [--model DIR] [--words N] [--threads N ...] [--rounds N]

BUILD is the directory with our programs; DIR an encoder-decoder of the Marian kind whose tokens are characters
(default: data/marian). Needs ctranslate2, transformers and torch; no test runs it. Ours is the whole process, from
its start to its end; CTranslate2 is called in this process, loading not counted, with the batch size out of 16, 64
and 256 that is fastest in the first round. Everything takes turns, round by round; printed are the medians, and the
medians of the ratios within the rounds. Before them: for how many words the (best) outputs are equal. Ours bans <pad>,
as the model's files say; CTranslate2 would be a few percent slower with suppress_sequences and write the same.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

import ctranslate2
import transformers
from ctranslate2.converters import TransformersConverter
from ctranslate2.converters.transformers import BartLoader, MarianMTLoader

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAMS = {1: "04_kvcache", 4: "05_beam"}
BATCH_SIZES = 16, 64, 256
MAX_LENGTH = 63  # new tokens, as in data/marian/generation_config.json


def set_config(loader, config, model, tokenizer):
    config.eos_token, config.unk_token, config.decoder_start_token = "</s>", "<unk>", "<pad>"


def converted(model, directory):
    """The converter takes the last token for <pad>, which begins an output; here that is token 0."""
    MarianMTLoader._remove_pad_weights = lambda self, spec: None
    MarianMTLoader.get_vocabulary = BartLoader.get_vocabulary
    MarianMTLoader.set_config = set_config
    MarianMTLoader.set_decoder = BartLoader.set_decoder
    return TransformersConverter(model).convert(os.path.join(directory, "converted"))


def run_ours(build, model, words_path, n_beams, n_threads, extra):
    """Seconds of the process, and the best output of each word."""
    line = [os.path.join(build, PROGRAMS[n_beams]), model, "--threads", str(n_threads), *extra]
    if n_beams > 1: line += ["--num-beams", str(n_beams), "--num-return-sequences", "1"]
    with open(words_path) as words, tempfile.TemporaryFile("w+") as out:
        start = time.perf_counter()
        subprocess.run(line, stdin=words, stdout=out, stderr=subprocess.DEVNULL, check=True)
        taken = time.perf_counter() - start
        out.seek(0)
        return taken, [text.rstrip("\n").split("\t")[-1] for text in out]


def run_theirs(translator, words, n_beams, batch_size):
    start = time.perf_counter()
    results = translator.translate_batch([[*word, "</s>"] for word in words], max_batch_size=batch_size,
                                         beam_size=n_beams, max_decoding_length=MAX_LENGTH)
    taken = time.perf_counter() - start
    return taken, [" ".join(result.hypotheses[0]) for result in results]


def compare(args, translator, words, words_path, n_beams):
    names = ["CTranslate2"] + [f"ours, {n} thread" + "s" * (n > 1) for n in args.threads]
    seconds, outputs, fastest = {name: [] for name in names}, {}, None
    for round in range(args.rounds):
        tried = {}
        for size in [fastest] if fastest else BATCH_SIZES:
            tried[size], outputs[names[0]] = run_theirs(translator, words, n_beams, size)
        fastest = min(tried, key=tried.get)
        seconds[names[0]].append(tried[fastest])
        for name, n_threads in zip(names[1:], args.threads):
            taken, outputs[name] = run_ours(args.build, args.model, words_path, n_beams, n_threads, args.ours)
            seconds[name].append(taken)
    search = f"{n_beams} beams" if n_beams > 1 else "greedy"
    equal = sum(a == b for a, b in zip(outputs[names[0]], outputs[names[1]]))
    print(f"# {search}: {equal} of {len(words)} outputs equal; CTranslate2's batch size {fastest}")
    for name in names:
        rates = sorted(len(words) / s for s in seconds[name])
        ratio = statistics.median(a / b for a, b in zip(seconds[names[0]], seconds[name]))
        print(search, name, *(f"{rate:.0f}" for rate in (statistics.median(rates), rates[0], rates[-1])),
              f"{ratio:.2f}", sep="\t", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--model", default=os.path.join(ROOT, "data", "marian"))
    parser.add_argument("--words", type=int, help="only the first N")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="of ours")
    parser.add_argument("--beams", type=int, nargs="+", choices=[1, 4], default=[1, 4])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ours", default="", type=str.split, help="more options of ours: '--batch-size 64'")
    args = parser.parse_args()
    transformers.utils.logging.disable_progress_bar()
    with open(os.path.join(ROOT, "data", "cmudict-test.tsv")) as file:
        words = [line.split("\t")[0] for line in file][:args.words]
    with tempfile.TemporaryDirectory() as directory:
        words_path = os.path.join(directory, "words.txt")
        with open(words_path, "w") as file: file.writelines(word + "\n" for word in words)
        translator = ctranslate2.Translator(converted(args.model, directory), compute_type="float32",
                                            inter_threads=1, intra_threads=1)
        print("# CTranslate2", ctranslate2.__version__, "float32, 1 thread, without loading; ours: whole processes")
        print("search\tprogram\twords per second\tleast\tmost\tof CTranslate2")
        for n_beams in args.beams: compare(args, translator, words, words_path, n_beams)


if __name__ == "__main__": sys.exit(main())
