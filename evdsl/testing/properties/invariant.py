"""What is claimed of a spec on trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evdsl.testing.trial import Trial


class IdleError(Exception):
    """A claim says nothing of this spec: there is nothing that it could be held against."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A named claim. `check` says what is wrong with a trial; `needs_spec` where it speaks of schedules.

    It may raise `IdleError` where it finds nothing to be held against: that is not counted.
    """

    name: str
    claim: str
    check: Callable[[Trial], str | None]
    needs_spec: bool = True
    applies: Callable[[Trial], bool] = lambda _: True
