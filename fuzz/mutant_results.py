"""What became of the mutants: kept line by line, and told."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from mutant_sample import Mutant

EQUIVALENT = Path(__file__).with_name("equivalent.txt")
KILLED = ("killed", "timed out")


class Results:
    """What became of the mutants, kept in a file line by line; the last line of a mutant counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.known: dict[str, dict[str, Any]] = {one["key"]: one for one in map(json.loads, lines)}

    def outcome(self, mutant: Mutant) -> str | None:
        return self.known[mutant.key]["outcome"] if mutant.key in self.known else None

    def add(self, mutant: Mutant, **facts: Any) -> None:
        record = {"key": mutant.key, "line": mutant.change.line, "kind": mutant.change.kind, **facts}
        self.known[mutant.key] = record
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")


def equivalent() -> set[str]:
    """The mutants that no test can kill, as the file says."""
    lines = EQUIVALENT.read_text().splitlines() if EQUIVALENT.exists() else []
    return {line.rsplit(" | ", 1)[0] for line in lines if line and not line.startswith("#")}


def told(mutants: Sequence[Mutant], results: Results, same: Collection[str], groups: Collection[str]) -> str:
    """The survivors, each as a small difference, and the figures of each group."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    text = []
    for one in sorted(mutants, key=lambda one: (one.path, one.change.start)):
        became = results.outcome(one)
        if became is None:
            continue
        if became not in KILLED and one.key in same:
            became = "equivalent"
        elif became not in KILLED:
            record = results.known[one.key]
            tried = f"; {record['ran']} of {record['of']} tests" if "ran" in record else ""
            place = f"{one.path}:{one.change.line} ({one.change.kind}; {became}{tried})"
            text += [place, *(f"  - {line.strip()}" for line in one.before.splitlines())]
            text += [f"  + {line.strip()}" for line in one.after.splitlines()]
        for name in (one.group, "all"):
            counts[name][became] += 1
    columns = ("killed", "timed out", "survived", "not covered", "equivalent")
    heads = " ".join(f"{name:>11}" for name in columns)
    text += ["", f"group       mutants {heads}   killed, of those that can be"]
    for group, count in ((name, counts[name]) for name in (*groups, "all")):
        can = count.total() - count["equivalent"]
        share = (count["killed"] + count["timed out"]) / can if can else 1.0
        figures = " ".join(f"{count[name]:11}" for name in columns)
        text.append(f"{group:11} {count.total():7} {figures}   {share:6.1%}")
    return "\n".join(text)
