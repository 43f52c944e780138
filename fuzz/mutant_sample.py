"""The mutants of a file, and a sample of those of many files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mutant_changes import Change, changes
from mutant_traces import digest


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of a file; `key` stays the same when lines before it come and go."""

    group: str
    path: str
    change: Change
    before: str
    after: str
    key: str


def mutants_of(group: str, path: str, text: str) -> list[Mutant]:
    """The mutants of a file."""
    met: Counter[str] = Counter()
    found = []
    for change in changes(text):
        first = text.rfind("\n", 0, change.start) + 1
        last = text.find("\n", change.end)
        before = text[first:last]
        after = text[first : change.start] + change.new + text[change.end : last]
        name = f"{path} | {flat(before)} | {flat(after)}"
        met[name] += 1
        found.append(Mutant(group, path, change, before, after, f"{name} | {met[name]}"))
    return found


def flat(text: str) -> str:
    """A piece of text on one line, with no bar of ours in it."""
    return " ".join(text.split()).replace(" | ", " ¦ ")


def spread(files: Sequence[Sequence[Mutant]], count: int | None, seed: int) -> list[Mutant]:
    """So many mutants, as many of each file as it has a share of all; a larger sample holds the smaller."""
    placed = []
    for mutants in files:
        order = sorted(mutants, key=lambda one: digest(f"{seed} {one.key}"))
        placed += [((place + 0.5) / len(order), digest(one.key), one) for place, one in enumerate(order)]
    return [one for *_, one in sorted(placed, key=lambda each: each[:2])][:count]
