"""Legible names of columns and rows in a file: `charge(day_shift.3,08h15,ac)`.

What a format takes for an operator or a blank in a name is a `_`; names that become equal are told apart by
`~2`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a backend that is imported loads no linopy
    from evdsl.model.composition import Composition
    from evdsl.model.labels import LabelIndex
    from evdsl.model.matrix import Labelled, ModelMatrix

MARK = "@"
"""Between a name and that of its period (`evdsl.model.composition`)."""


@dataclass(frozen=True, slots=True)
class Names:
    """What columns and rows are called in a file; none has a blank in it."""

    columns: Sequence[str]
    rows: Sequence[str]

    @classmethod
    def numbered(cls, matrix: ModelMatrix) -> Names:
        """`x0`, `x1`, ... and `r0`, `r1`, ... ."""
        rows, columns = matrix.rows.shape
        return cls([f"x{column}" for column in range(columns)], [f"r{row}" for row in range(rows)])


def names_of(index: LabelIndex) -> Names:
    """What columns and rows are called in a file."""
    columns = [
        _safe(family.name, index.words(family, i)) for family in index.variables for i in range(len(family))
    ]
    rows = [_safe(family.name, index.words(family, i)) for family in index.rows for i in range(len(family))]
    return Names(_unique(columns), _unique(rows))


def names_of_periods(composition: Composition, matrix: ModelMatrix) -> Names:
    """Those of each period with `@` and its name behind; what holds periods together comes after them."""
    from evdsl.model.labels import index_of

    columns: list[str] = []
    rows: list[str] = []
    for period in composition.periods:
        own, mark = names_of(index_of(period.program)), f"{MARK}{period.name}"
        columns += [f"{name}{mark}" for name in own.columns]
        rows += [f"{name}{mark}" for name in own.rows]
    columns += _numbered(matrix.variables, len(columns))
    rows += _numbered(matrix.families, len(rows))
    return Names(_unique(columns), _unique(rows))


def _numbered(families: Labelled, skipped: int) -> list[str]:
    """Names of columns or rows behind the first ones, each with its place in its family."""
    found = [
        (name, at, int((labels >= 0).sum()))
        for name, labels in families
        for at in range(int((labels >= 0).sum()))
    ]
    return [
        _safe(name.partition(MARK)[0], [str(at)] if count > 1 else []) + "".join(name.partition(MARK)[1:])
        for name, at, count in found[skipped:]
    ]


def _safe(name: str, words: Sequence[str]) -> str:
    """A name that all readers take: letters, digits and `._,()`, not to be read as a number."""
    clocks = [re.sub(r"(\d\d):(\d\d)", r"\1h\2", word) for word in words]
    parts = [re.sub(r"[^A-Za-z0-9_.]", "_", word.replace("#", "no")) for word in clocks]
    name = re.sub(r"[^A-Za-z0-9_.]", "_", name)
    # `e1` and `.5` are numbers to a reader of LP files, and so is what begins like them.
    name = f"_{name}" if re.match(r"[eE]?[0-9.]|[eE]$", name) else name
    return f"{name}({','.join(parts)})" if parts else name


def _unique(names: list[str]) -> list[str]:
    taken: set[str] = set(names)
    seen: set[str] = set()
    found: list[str] = []
    for name in names:
        shown, number = name, 1
        while shown in seen or (number > 1 and shown in taken):
            number += 1
            shown = f"{name}~{number}"
        seen.add(shown)
        found.append(shown)
    return found
