"""Many specs through every invariant: what was met is counted, what fails is made small.

A campaign of `specs` asks each time for the features that it has met least often, so that no device, toggle,
word or part of a requirement is left to luck. What is asked for depends on the specs alone, never on how they
were solved: a spec is the same again for the same seed and number, whatever the claims and the solvers.
"""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from evdsl.model.lower import SIMPLIFICATIONS
from evdsl.semantics.resolve import Overrides
from evdsl.solver.solution import Status
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.features import FEATURES, OF_REQUIREMENTS, Feature, features_of
from evdsl.testing.generate.plainness import NEEDS, plain
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.properties.invariants import INVARIANTS
from evdsl.testing.properties.relations import METAMORPHIC, RELATIONS, metamorphic
from evdsl.testing.shrinking import shrink
from evdsl.testing.trial import LIMIT, SOLVERS, Solver, StoppedError, Trial

EACH = 4
"""Relations that each spec is held against, those first that were held least often."""

CANDIDATES = 12
"""Specs of which the first is taken that fits the relation or simplification that fitted least often."""

SOUGHT = 12
"""Features that each spec is asked for, those first that were met least often."""

Files = st.SearchStrategy[ast.File] | Callable[[Sequence[Feature]], st.SearchStrategy[ast.File]]
"""Where specs come from: a strategy, or one for each set of features that they should have, as `specs` is."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A claim that does not hold: which, what is wrong, and the smallest spec that was found for it."""

    invariant: Invariant
    message: str
    text: str
    original: str


@dataclass(slots=True)
class Coverage:
    """What a campaign met: `met` by feature, once a spec that was taken, `rewrites` and `checked` by name."""

    examples: int = 0
    refused: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    met: Counter[Feature] = field(default_factory=Counter)
    sought: Counter[Feature] = field(default_factory=Counter)
    fitted: Counter[str] = field(default_factory=Counter)
    """Specs that a relation applies to, or a simplification, by its name, whatever the plan."""
    missed: Counter[str] = field(default_factory=Counter)
    """Times that one was sought, and none of the candidates fitted."""
    rewrites: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    """Claims that had something to be held against, of those that were tried."""
    failing: bool = False
    """Whether a claim failed, and its spec is being made small."""
    stopped: int = 0
    """Claims that were left open, since a solve stopped at its limit."""
    solves: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with each spec. `relations` are how many metamorphic ones, `None` all that apply.

    Without `solvers` specs are drawn and read, and no claim may ask for a schedule.
    """

    invariants: Sequence[Invariant] = INVARIANTS
    metamorphic: Sequence[Invariant] = METAMORPHIC
    relations: int | None = EACH
    solvers: tuple[Solver, ...] = SOLVERS
    limit: float = LIMIT
    overrides: Overrides = field(default_factory=Overrides)
    path: Path | None = None
    shrinking: float = 60.0
    """Seconds for making a failure small."""
    before: Callable[[str], object] | None = None
    """Gets each text before it is tried, so that one that ends the process is known."""

    def trial(self, text: str) -> Trial:
        """A spec under the circumstances of this plan."""
        if self.before is not None:
            self.before(text)
        return Trial(text, self.overrides, self.solvers, self.limit, self.path)


Listener = Callable[[Coverage], None]


def campaign(
    files: Files,
    examples: int,
    *,
    start: int = 0,
    minutes: float | None = None,
    plan: Plan | None = None,
    first: ast.File | None = None,
    listener: Listener | None = None,
) -> tuple[Coverage, Failure | None]:
    """Runs up to `examples` specs, `first` before all others, until one fails or the time is up."""
    plan, coverage, begun = plan or Plan(), Coverage(), time.monotonic()
    while coverage.examples < examples and not (minutes and time.monotonic() - begun > 60 * minutes):
        file = first if first is not None and not coverage.examples else _next(files, start, coverage)
        failure = examine(nodes.print_file(file), plan, coverage)
        coverage.seconds = time.monotonic() - begun
        coverage.failing = failure is not None
        if listener is not None:
            listener(coverage)
        if failure is not None:
            # Who does not want to wait gets the failure as it was found.
            with suppress(KeyboardInterrupt):
                failure = smaller(failure, plan)
            coverage.seconds = time.monotonic() - begun
            return coverage, failure
    return coverage, None


def _next(files: Files, start: int, coverage: Coverage) -> ast.File:
    """The next spec of a campaign, which its seed and what was met before settle."""
    number = f"{start}, {coverage.examples}"
    if isinstance(files, st.SearchStrategy):
        return drawn(files, number)
    # Every third spec is as it comes: what is sought makes specs large, and fewer relations apply to those.
    if coverage.examples % 3 == 0:
        return _fitting(files, number, coverage)
    sought = least_met(coverage, number)
    coverage.sought.update(sought)
    return drawn(files(sought), number)


def _fitting(
    files: Callable[[Sequence[Feature]], st.SearchStrategy[ast.File]], number: str, coverage: Coverage
) -> ast.File:
    """A spec of the relation or the simplification that fitted least often; the last candidate if of none."""
    relations = {one.name: one for one in RELATIONS}
    sought = min(
        [*relations, *SIMPLIFICATIONS], key=lambda name: coverage.fitted[name] + coverage.missed[name]
    )
    for candidate in range(CANDIDATES):
        key = f"{number}, {candidate}"
        file = drawn(files(NEEDS.get(sought, ())), key)
        file = file if sought in relations else plain(file)
        trial = Trial(nodes.print_file(file))
        if not _readable(trial):
            continue
        if _may_apply(metamorphic(relations[sought]), trial) if sought in relations else _has(trial, sought):
            return file
    coverage.missed[sought] += 1
    return file


def _has(trial: Trial, simplification: str) -> bool:
    """Whether a simplification takes binaries out of the model of a spec."""
    try:
        return simplification in trial.simplifications
    except Exception:
        return True  # and is told when it is tried


def least_met(coverage: Coverage, number: str) -> list[Feature]:
    """The features that were met least often; those of equal counts in an order of the number's own.

    A feature that was sought in vain, as where specs that have it are refused, gives way to others. Parts of
    requirements are sought together: many claims say nothing of a spec that has one.
    """
    order = [*FEATURES]
    Random(number).shuffle(order)
    order.sort(key=lambda feature: coverage.met[feature] + coverage.sought[feature] / 2)
    required = order[0].group in OF_REQUIREMENTS
    return [feature for feature in order if (feature.group in OF_REQUIREMENTS) == required][:SOUGHT]


def drawn(files: st.SearchStrategy[ast.File], number: str) -> ast.File:
    """The spec of a strategy that a number stands for: the same each time."""
    found: list[ast.File] = []

    # Hypothesis begins with the simplest of all, whatever the seed: that is none, and one is left to draw.
    @seed(number)
    @settings(
        max_examples=2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(st.none(), files))
    def keep(file: ast.File | None) -> None:
        if file is not None:
            found.append(file)

    keep()
    return found[-1]


def examine(text: str, plan: Plan, coverage: Coverage) -> Failure | None:
    """Holds one spec against every claim of a plan; the first that fails ends it."""
    trial = plan.trial(text)
    coverage.examples += 1
    if not _readable(trial):
        coverage.refused += 1
    failure = _first_failure(trial, plan, coverage)
    # After a failure nothing more is read or solved for the sake of a count, nor met that ended it.
    if _readable(trial) and failure is None:
        coverage.met.update(features_of(trial.spec, trial.file))
        coverage.fitted.update(one.name for one in RELATIONS if _may_apply(metamorphic(one), trial))
        coverage.fitted.update(name for name in SIMPLIFICATIONS if _has(trial, name))
        if plan.solvers:
            coverage.statuses[_status(trial)] += 1
            coverage.rewrites.update(trial.rewrites)
    coverage.solves += trial.solves["solves"]
    return failure


def _first_failure(trial: Trial, plan: Plan, coverage: Coverage) -> Failure | None:
    for invariant in _claims(trial, plan, coverage):
        if invariant.needs_spec and not _readable(trial):
            continue
        coverage.tried[invariant.name] += 1
        try:
            wrong = wrong_with(trial, invariant)
        except StoppedError:
            coverage.stopped += 1
            continue
        except IdleError:
            continue
        coverage.checked[invariant.name] += 1
        if wrong:
            return Failure(invariant, wrong, trial.text, trial.text)
    return None


def wrong_with(trial: Trial, invariant: Invariant) -> str | None:
    """What is wrong, an exception that nobody expects included."""
    try:
        if not invariant.applies(trial):
            raise IdleError
        return invariant.check(trial)
    except (StoppedError, IdleError):
        raise
    except MemoryError as error:  # as at a limit of time, nothing is known
        raise StoppedError("the memory is full") from error
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = str(error).split("\n")[0]
        return f"{type(error).__name__}: {said} (at {Path(place.filename).name}:{place.lineno})"


def smaller(failure: Failure, plan: Plan) -> Failure:
    """The same failure of the smallest spec that was found in the time for it."""
    kind = failure.message.split(":")[0] if "Error:" in failure.message else ""

    def message(file: ast.File) -> str | None:
        trial = plan.trial(nodes.print_file(file))
        if failure.invariant.needs_spec and not _readable(trial):
            return None
        try:
            return wrong_with(trial, failure.invariant)
        except (StoppedError, IdleError):
            return None

    def fails(file: ast.File) -> bool:
        found = message(file)
        return found is not None and found.startswith(kind) and ("Error:" in found) == bool(kind)

    try:
        file = nodes.file_of(nodes.read_file(failure.text).statements)
    except Exception:  # what is told may be that the reader fails
        return failure
    if not fails(file):
        return failure
    least = shrink(file, fails, plan.shrinking)
    said = message(least) or failure.message
    return Failure(failure.invariant, said, nodes.print_file(least), failure.original)


def _claims(trial: Trial, plan: Plan, coverage: Coverage) -> list[Invariant]:
    """Every invariant, and of the relations that apply those that were held least often so far."""
    if not _readable(trial):
        return list(plan.invariants)
    fitting = [one for one in plan.metamorphic if _may_apply(one, trial)]
    # One that finds nothing to be held against is tried more often, and never instead of all others.
    fitting.sort(key=lambda one: coverage.tried[one.name] + coverage.checked[one.name])
    return [*(one for one in plan.invariants if _may_apply(one, trial)), *fitting[: plan.relations]]


def _may_apply(invariant: Invariant, trial: Trial) -> bool:
    try:
        return invariant.applies(trial)
    except Exception:
        return True  # and is told when it is tried


def _readable(trial: Trial) -> bool:
    """Whether the spec is taken; a crash of the reader is for the first invariant to tell."""
    try:
        return trial.has_no_errors
    except Exception:
        return False


def _status(trial: Trial) -> str:
    try:
        return trial.run().status.value
    except StoppedError:
        return Status.STOPPED.value
