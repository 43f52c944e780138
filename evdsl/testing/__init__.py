"""For authors of backends, constraints and rewrites: what must hold, and random specs to hold it against.

`conformance` runs every case that a backend must pass.

    from evdsl.testing import conformance

    for outcome in conformance(BACKEND):
        print(outcome)

With pytest, parametrise over `CASES` and call `outcome_of(backend, case)`.

`specs` is a Hypothesis strategy of specs as syntax, made from the declarations; `texts` the same
as text, `variations` those around one spec. `INVARIANTS` and `METAMORPHIC` are named claims about a `Trial`,
and `campaign` holds many specs against them and makes a failure small. Given `specs` itself it asks for what
it has met least often, so that no device, toggle or word is left to luck; `specs()` are drawn as they come:

    coverage, failure = campaign(specs, 100, plan=Plan(solvers=("highs", BACKEND)))
    assert failure is None, failure

A claim of one's own is an `Invariant`: a name, a sentence, and a function that says what is wrong, or raises
`IdleError` where it has nothing to be held against. A `Relation` of one's own becomes one by `metamorphic`.
`StoppedError` is raised where a solve of a `Trial` ends at its limit.

`Faulty(BACKEND, fault)` is a backend with one of the six `FAULTS` in it: `deceived(spec, backend)` says where
the compiler believes one, `faulty(run, fault)` puts it below a backend that has its answers judged.

Two oracles judge without any code of the compiler. `brute_force(site)` is the claim that solvers find what
writing out all schedules of a `TinySite` finds; `misses` and `claims` judge a schedule in exact fractions:

    @settings(deadline=None)
    @given(tiny_sites())
    def test_my_backend_finds_the_best_schedule(site):
        assert brute_force(site).check(Trial(site.text, solvers=(BACKEND,))) is None
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from evdsl.solver.backend import Backend
from evdsl.solver.muted_backend import contact, muted_backend
from evdsl.testing.brute.draws import tiny_sites
from evdsl.testing.brute.search import brute_force
from evdsl.testing.brute.sites import TinySite
from evdsl.testing.campaigns import Coverage, Failure, Plan, campaign
from evdsl.testing.conformance import CASES, Case, NonconformityError
from evdsl.testing.exact.claims import claims, misses
from evdsl.testing.exact.reading import Miss
from evdsl.testing.faults import FAULTS, Fault, Faulty, deceived, faulty
from evdsl.testing.generate.specs import specs, texts
from evdsl.testing.generate.variations import variations
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.properties.invariants import INVARIANTS
from evdsl.testing.properties.relations import METAMORPHIC, RELATIONS, Relation, metamorphic
from evdsl.testing.shrinking import shrink
from evdsl.testing.trial import StoppedError, Trial

__all__ = [
    "CASES",
    "FAULTS",
    "INVARIANTS",
    "METAMORPHIC",
    "RELATIONS",
    "Case",
    "Coverage",
    "Failure",
    "Fault",
    "Faulty",
    "IdleError",
    "Invariant",
    "Miss",
    "NonconformityError",
    "Outcome",
    "Plan",
    "Relation",
    "StoppedError",
    "TinySite",
    "Trial",
    "brute_force",
    "campaign",
    "claims",
    "conformance",
    "deceived",
    "faulty",
    "metamorphic",
    "misses",
    "outcome_of",
    "shrink",
    "specs",
    "texts",
    "tiny_sites",
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
    able = muted_backend(backend).capabilities
    missing = [need for need in case.needs if not getattr(able, need)]
    if missing:
        return Outcome(case.name, "skipped", f"{backend.name} has no {' and no '.join(missing)}")
    try:
        with contact(type(backend), case.name):  # not by way of a muted backend: whether it prints is a case
            case.check(backend, case.build())
    except NonconformityError as difference:
        return Outcome(case.name, "failed", str(difference))
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename}:{place.lineno}"
        return Outcome(case.name, "failed", f"{type(error).__name__} at {where}: {error}")
    return Outcome(case.name, "passed")
