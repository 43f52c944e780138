"""For authors of backends: `conformance` runs every case that a backend must pass.

    from evdsl.testing import conformance

    for outcome in conformance(BACKEND):
        print(outcome)

With pytest, parametrise over `CASES` and call `outcome_of(backend, case)`.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from evdsl.backend import Backend
from evdsl.conformance import CASES, Case, NonconformityError

__all__ = ["CASES", "Case", "NonconformityError", "Outcome", "conformance", "outcome_of"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went: `passed`, `failed` or `skipped`, and why if it did not pass."""

    case: str
    result: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.result}: {self.case}" + (f" ({self.reason})" if self.reason else "")


def conformance(backend: Backend, cases: Iterable[Case] = CASES) -> list[Outcome]:
    """The outcome of every case, in order; nothing is raised."""
    return [outcome_of(backend, case) for case in cases]


def outcome_of(backend: Backend, case: Case) -> Outcome:
    """Runs one case. A backend that lacks what it needs is skipped; an exception is a failure."""
    missing = [need for need in case.needs if not getattr(backend.capabilities, need)]
    if missing:
        return Outcome(case.name, "skipped", f"{backend.name} has no {' and no '.join(missing)}")
    try:
        case.check(backend, case.build())
    except NonconformityError as difference:
        return Outcome(case.name, "failed", str(difference))
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename}:{place.lineno}"
        return Outcome(case.name, "failed", f"{type(error).__name__} at {where}: {error}")
    return Outcome(case.name, "passed")
