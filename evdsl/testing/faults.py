"""Seven faults that solvers and backends have had, to inject into one that works: none may end as `optimal`.

A fault can be put in two places. `Faulty` wraps a whole backend: what it returns is spoiled, and the
compiler, which cannot know how a backend came to its answer, must find it out (`evdsl.solver.audit`).
`faulty` wraps the `Run` below a backend that has its answers certified (`evdsl.solver.certify`): there the
backend must not believe its solver, and one whose solver lies only once must still come to the right answer.

`deceived` holds a spec against one of them, the whole way from the text to the result:

    for fault in FAULTS:
        with suppress(IdleError):  # nothing to spoil, such as a binary where there is none
            assert not deceived(spec, Faulty(BACKEND, fault)), fault.claim

Each spoils what a sound solve told: the point, its value and its bound, all unscaled and minimized. A choice
(`evdsl.solver.choice`) of a faulty backend and then a sound one ends as the sound one does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec
from evdsl.model.capabilities import Capabilities
from evdsl.model.matrix import ModelMatrix, read
from evdsl.optimization.problem import compile_spec
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.run import RawSolution, Request, Run, Termination
from evdsl.solver.solution import Options, Solution, Status
from evdsl.testing.properties.invariant import IdleError

if TYPE_CHECKING:
    import linopy

SEEN = 1e-3
"""By how much a spoiled point violates the model at least."""


NO_ANSWER = "ended with `Not Set`"
"""How HiGHS puts it."""


class CrashError(RuntimeError):
    """What a solver raises that should have returned."""


@dataclass(frozen=True, slots=True)
class ClaimedPoint:
    """What a solver tells of the model at hand: the best point, what it says that this is worth, a bound."""

    point: FloatArray
    value: float
    bound: float


Elsewhere = Callable[[], FloatArray]
"""A point that is feasible and far from the best."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A way of telling something else than what is; what was told with `optimal` keeps that status.

    `spoil` gives what is told instead, or nothing where the solver ends without an answer.
    """

    name: str
    termination: str
    spoil: Callable[[ModelMatrix, ClaimedPoint, Elsewhere], ClaimedPoint | None]
    needs_integers: bool = False


def _wrong_value(_: ModelMatrix, told: ClaimedPoint, elsewhere: Elsewhere) -> ClaimedPoint:
    return replace(told, point=elsewhere())


def _infeasible(matrix: ModelMatrix, told: ClaimedPoint, _: Elsewhere) -> ClaimedPoint:
    """One variable is moved until a row or a bound does not hold; the value is that of the moved point."""
    for column in np.argsort(-np.abs(told.point), kind="stable"):
        for factor in (0.5, -0.5):
            moved = told.point.copy()
            moved[column] += factor * (2.0 + 2.0 * abs(moved[column]))
            if matrix.violation(moved) > SEEN:
                return _of(matrix, moved)
    raise ValueError("every point of the model is feasible")


def _at_a_limit(matrix: ModelMatrix, _: ClaimedPoint, elsewhere: Elsewhere) -> ClaimedPoint:
    return replace(_of(matrix, elsewhere()), bound=math.nan)


def _fractional(matrix: ModelMatrix, told: ClaimedPoint, _: Elsewhere) -> ClaimedPoint:
    """One integer between two; of those that no row minds, which is the harder lie."""
    halved = []
    for column in np.flatnonzero(matrix.integer):
        moved = told.point.copy()
        moved[column] = 0.5 if moved[column] < 0.5 else moved[column] - 0.5
        relaxed = replace(matrix, integer=np.zeros_like(matrix.integer))
        halved.append((relaxed.violation(moved), moved))
    if not halved:
        raise ValueError("the model has no integers")
    return _of(matrix, min(halved, key=lambda each: each[0])[1])


def _not_a_number(_: ModelMatrix, told: ClaimedPoint, __: Elsewhere) -> ClaimedPoint:
    spoiled = told.point.copy()
    spoiled[len(spoiled) // 2] = math.nan
    return replace(told, point=spoiled)


def _crash(_: ModelMatrix, __: ClaimedPoint, ___: Elsewhere) -> ClaimedPoint:
    raise CrashError("the solver came upon a state that it does not know")


def _no_answer(_: ModelMatrix, __: ClaimedPoint, ___: Elsewhere) -> None:
    return None


def _of(matrix: ModelMatrix, point: FloatArray) -> ClaimedPoint:
    """A point with its own value, and a bound that leaves no gap: all that can be said in its favour."""
    value = float(matrix.cost @ point)
    return ClaimedPoint(point, value, value)


FAULTS: tuple[Fault, ...] = (
    Fault("wrong value", "a point is said to be worth what it is not", _wrong_value),
    Fault("infeasible point", "a point that breaks a row is called optimal", _infeasible),
    Fault("optimal at a limit", "a point at which the solver stopped is called optimal", _at_a_limit),
    Fault("fractional binary", "a binary is neither zero nor one", _fractional, needs_integers=True),
    Fault("not a number", "a value of the point is NaN", _not_a_number),
    Fault("no answer", "the solver ends with `Not Set` where there is an optimum", _no_answer),
    Fault("crash", "the solver raises where it should return", _crash),
)
"""Every fault."""


@dataclass(slots=True)
class ForwardingBackend:
    """All of a backend but `solve`; the one inside does the work."""

    inner: Backend

    @property
    def name(self) -> str:
        """That of the backend inside."""
        return self.inner.name

    @property
    def capabilities(self) -> Capabilities:
        """Those of the backend inside."""
        return self.inner.capabilities

    def version(self) -> str:
        """That of the backend inside."""
        return self.inner.version()

    def check_options(self, options: Options) -> list[Diagnostic]:
        """As the backend inside does."""
        return self.inner.check_options(options)


@dataclass(slots=True)
class Faulty(ForwardingBackend):
    """A backend whose answers are spoiled, the first `times` of them; `fault` of none spoils nothing."""

    fault: Fault | None
    times: float = math.inf
    asked: int = 0

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """The answer of the backend inside, spoiled where it is `optimal`."""
        solution = self.inner.solve(model, options, listener)
        if self.fault is None or solution.status is not Status.OPTIMAL or self.asked >= self.times:
            return solution
        matrix = read(model)

        def elsewhere() -> FloatArray:
            return _flat(matrix, _worst(self.inner, model, options))

        sign = matrix.sign
        told = ClaimedPoint(_flat(matrix, solution), sign * solution.objective, sign * solution.bound)
        if self.fault.needs_integers and not matrix.is_discrete:
            return solution
        self.asked += 1
        lie = self.fault.spoil(matrix, told, elsewhere)
        if lie is None:
            return Solution(Status.ERROR, message=f"{self.name} {NO_ANSWER}")
        return replace(
            solution,
            objective=sign * lie.value,
            bound=sign * lie.bound,
            values=matrix.values(lie.point),
            duals={},
        )


def faulty(run: Run, fault: Fault, times: float = math.inf) -> Run:
    """A run whose first `times` claims of an optimum are spoiled."""
    asked = 0

    def spoiled(matrix: ModelMatrix, request: Request) -> RawSolution:
        nonlocal asked
        answer = run(matrix, request)
        if answer.termination is not Termination.OPTIMAL or answer.point is None or asked >= times:
            return answer
        if fault.needs_integers and not matrix.is_discrete:
            return answer

        def elsewhere() -> FloatArray:
            for cost in (-matrix.cost, np.zeros_like(matrix.cost)):
                other = run(replace(matrix, cost=cost), request)
                if other.point is not None:
                    return other.point
            raise ValueError(f"no other point is found: {other.message}")

        asked += 1
        value = float(matrix.cost @ answer.point)
        lie = fault.spoil(matrix, ClaimedPoint(answer.point, value, answer.bound), elsewhere)
        if lie is None:
            return RawSolution(Termination.FAILED, f"the solver {NO_ANSWER}")
        kept = answer.duals if lie.bound is answer.bound else None
        return replace(answer, point=lie.point, bound=lie.bound, duals=kept)

    return spoiled


def deceived(spec: Spec, backend: Backend, data: Data | None = None) -> str | None:
    """What is wrong with how a run of a spec ended that a fault was in; nothing where it is told truly.

    Raises `IdleError` where the fault had nothing to spoil, as one of binaries in a spec that has none.
    """
    try:
        result = compile_spec(spec, data).run(backend)
    except Exception as error:
        return f"{type(error).__name__} comes through: {error}"
    if isinstance(backend, Faulty) and backend.fault is not None and not backend.asked:
        raise IdleError
    if result.status in (Status.OPTIMAL, Status.WITHIN_GAP):
        return f"it ends {result.status.value}"
    return None if result.message else f"it ends {result.status.value} and does not say why"


def _worst(backend: Backend, model: linopy.Model, options: Options) -> Solution:
    """A solution of the model that is as bad as can be, or any where nothing bounds that."""
    goal, sense = model.objective.expression, model.objective.sense
    try:
        for other in (goal, 0 * goal):
            model.add_objective(other, overwrite=True, sense="max" if sense == "min" else "min")
            solution = backend.solve(model, options)
            if solution.status.has_schedule:
                return solution
    finally:
        model.add_objective(goal, overwrite=True, sense=sense)
    raise ValueError(f"no other point is found: {solution.message}")


def _flat(matrix: ModelMatrix, solution: Solution) -> FloatArray:
    parts = [np.asarray(solution.values[name])[labels >= 0] for name, labels in matrix.variables]
    return np.concatenate(parts) if parts else np.zeros(0)
