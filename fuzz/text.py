"""Mutations of the shipped specs: a reason or a meaning; `python fuzz/text.py [MUTATIONS [SEED]]`.

Bytes, characters, tokens and lines are taken out, doubled, exchanged or replaced. Whatever the text says,
reading it must raise nothing and be done within a second.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from evdsl.diagnostic import render
from evdsl.resolve import resolve
from evdsl.source import Source

SPECS = Path(__file__).parent.parent / "specs"
STRANGE = "\x00\x1b\u202e\ufeff\u00a0\ud7ff\U0001f50c=={}[]()\"'#.,:;%-+*/\\\t\r\n09eE" + "\u0301"
WORDS = [
    "1e999",
    "-1",
    "0",
    "9" * 400,
    "24:00",
    "2024-02-30",
    "NaN",
    "inf",
    "minimize",
    "then",
    "{",
    "}",
    '"',
]
LIMIT = 1.0
TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
Mutation = Callable[[str, random.Random], str]


def characters(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + draw.choice(STRANGE) + text[at + draw.randrange(3) :]


def parts(pattern: Callable[[str], list[str]]) -> Mutation:
    """Takes out, doubles, exchanges or replaces one of the parts of a text."""

    def mutation(text: str, draw: random.Random) -> str:
        found = pattern(text)
        one, other = draw.randrange(len(found)), draw.randrange(len(found))
        match draw.randrange(4):
            case 0:
                del found[one]
            case 1:
                found.insert(one, found[other])
            case 2:
                found[one], found[other] = found[other], found[one]
            case _:
                found[one] = draw.choice(WORDS)
        return "".join(found)

    return mutation


def cut(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text))]


def raw_bytes(text: str, draw: random.Random) -> str:
    data = bytearray(text.encode())
    data[draw.randrange(len(data))] = draw.randrange(256)
    return data.decode("utf-8", errors="replace")


MUTATIONS: tuple[Mutation, ...] = (
    characters,
    parts(TOKEN.findall),
    parts(lambda text: text.splitlines(keepends=True)),
    cut,
    raw_bytes,
)


def wrong_with(text: str) -> str | None:
    """What is wrong with the reading of a text, if anything."""
    began = time.perf_counter()
    spec, found = resolve(Source("mutated", text, SPECS / "mutated.evs"))
    render(found)
    took = time.perf_counter() - began
    if took > LIMIT:
        return f"reading took {took:.1f} s"
    if spec is None and not any(each.is_error and each.span is not None for each in found):
        return "refused without a place"
    return None


def main() -> None:
    number, seed = [*(int(given) for given in sys.argv[1:3]), *(20_000, 0)[len(sys.argv[1:3]) :]]
    draw = random.Random(seed)
    texts = [path.read_text() for path in sorted(SPECS.rglob("*.evs"))]
    for count in range(number):
        text = draw.choice(texts)
        for _ in range(draw.choice([1, 1, 1, 2, 5])):
            text = draw.choice(MUTATIONS)(text, draw) or " "
        try:
            wrong = wrong_with(text)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            Path("fuzz_text.evs").write_text(text)
            sys.exit(f"mutation {count}: {wrong}; the text is in fuzz_text.evs")
        if count % 1000 == 999:
            print(f"{count + 1} of {number} mutations", flush=True)


if __name__ == "__main__":
    main()
