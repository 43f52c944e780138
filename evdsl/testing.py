"""For authors of backends, constraints and rewrites: what must hold, and random specs to hold it against.

`conformance` runs every case that a backend must pass.

    from evdsl.testing import conformance

    for outcome in conformance(BACKEND):
        print(outcome)

With pytest, parametrise over `CASES` and call `outcome_of(backend, case)`.

`specs` is a Hypothesis strategy of specs as syntax, made from the declarations; `texts` the same
as text, `variations` those around one spec. `INVARIANTS` and `METAMORPHIC` are named claims about a `Trial`,
and `campaign` holds many specs against them and makes a failure small:

    coverage, failure = campaign(specs(), 100, plan=Plan(solvers=("highs", BACKEND)))
    assert failure is None, failure

A claim of one's own is an `Invariant`: a name, a sentence, and a function that says what is wrong.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from evdsl.backend import Backend
from evdsl.conformance import CASES, Case, NonconformityError
from evdsl.fuzzing.campaign import Coverage, Failure, Plan, campaign
from evdsl.fuzzing.invariants import INVARIANTS, Invariant
from evdsl.fuzzing.relations import METAMORPHIC, RELATIONS, Relation
from evdsl.fuzzing.shrink import shrink
from evdsl.fuzzing.specs import specs, texts
from evdsl.fuzzing.trial import Trial
from evdsl.fuzzing.variations import variations

__all__ = [
    "CASES",
    "INVARIANTS",
    "METAMORPHIC",
    "RELATIONS",
    "Case",
    "Coverage",
    "Failure",
    "Invariant",
    "NonconformityError",
    "Outcome",
    "Plan",
    "Relation",
    "Trial",
    "campaign",
    "conformance",
    "outcome_of",
    "shrink",
    "specs",
    "texts",
    "variations",
]


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
