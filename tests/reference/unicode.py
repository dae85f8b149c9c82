# SPDX-License-Identifier: MIT
"""Writes the table of 01_attention/text/unicode.c. Needs the package tokenizers; no test runs it.

    python unicode.py            compare the file with what would be written
    python unicode.py write      write it

The mapping to lower case is asked of tokenizers 0.23 itself, code point by code point, so that texts become
the ids that it makes of them: that of Unicode 17.0, without context (a final sigma is a sigma).
"""
import os
import re
import sys

from tokenizers.normalizers import Lowercase

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../01_attention/text/unicode.c")
BEGIN, END = "// Written by tests/reference/unicode.py, up to the closing brace.\n", "};\n"


def lower_case():
    """{code point: code points}, where they differ."""
    lowercase, mapping = Lowercase(), {}
    for c in range(0x110000):
        if 0xD800 <= c < 0xE000: continue
        lower = lowercase.normalize_str(chr(c))
        if lower != chr(c): mapping[c] = [ord(x) for x in lower]
    assert {c: x for c, x in mapping.items() if len(x) > 1} == {0x130: [0x69, 0x307]}
    return {c: x[0] for c, x in mapping.items() if len(x) == 1}


def ranges(mapping):
    """[first, last, step, delta]: first, first + step, ... last all map to themselves + delta."""
    rows = []
    for c in sorted(mapping):
        delta = mapping[c] - c
        if rows and rows[-1][3] == delta:
            first, last, step, _ = rows[-1]
            if c - last == step or (first == last and c - last == 2):
                rows[-1] = [first, c, c - last, delta]
                continue
        rows.append([c, c, 1, delta])
    return rows


def table():
    cells = [f"{{0x{first:04X}, 0x{last:04X}, {step}, {delta}}}," for first, last, step, delta in ranges(lower_case())]
    lines, line = [], "   "
    for cell in cells:
        if len(line) + 1 + len(cell) > 100:
            lines.append(line)
            line = "   "
        line += " " + cell
    return BEGIN + "static const LowerCase lower_case[] = {\n" + "\n".join(lines + [line]) + "\n" + END


if __name__ == "__main__":
    text = open(FILE).read()
    new = re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda match: table(), text, count=1, flags=re.S)
    if sys.argv[1:] == ["write"]: open(FILE, "w").write(new)
    elif new != text: sys.exit("01_attention/text/unicode.c is not what this script writes")
