"""What a way to a schedule came to, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Manner:
    """How a way is asked: the algorithm and presolve of HiGHS, seconds on the wall, the gap that will do."""

    algorithm: str = "choose"
    presolve: bool = True
    seconds: float = 60.0
    gap: float = 1e-6


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is `optimal` (within the gap that was asked for), `limit` or what went wrong, in words.

    `phases` are processor seconds; what is not in one of them is the rest.
    """

    status: str
    objective: float | None = None
    gap: float | None = None
    columns: int | None = None
    rows: int | None = None
    integers: int | None = None
    phases: dict[str, float] = field(default_factory=dict)
