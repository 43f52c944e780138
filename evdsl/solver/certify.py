"""What is believed of a solver's answer: every backend's claims pass through here.

A solver claims; `certify` scales the model, checks the point against the model's own matrices, settles the
integers exactly, compares the value with the bound, asks again more carefully where something does not
hold, then by the solver's other algorithms, and only then says `optimal`. A new backend writes one function,
a `Run`, and gets the rest.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.model.capabilities import Capabilities
from evdsl.model.matrix import ModelMatrix, read
from evdsl.solver.network.arcs import Network
from evdsl.solver.network.solve import NETWORK, large_network, solve_network
from evdsl.solver.run import RawSolution, Request, Run, Termination
from evdsl.solver.scaling import scale_matrix, scaling_problem
from evdsl.solver.solution import Attempt, Deadline, Options, Progress, Solution, Status
from evdsl.solver.weak_duality import dual_bound

if TYPE_CHECKING:
    import linopy

TOLERANCE = 1e-5
"""A point that violates the scaled model by more is none."""

EXACT = 1e-6
"""Integers are rounded as long as the point violates nothing by more."""

PROVEN = 1e-6
"""A relative gap up to this is optimal: solvers do not close it further in floating point."""


USUAL = "usual settings"
"""The manner of a first run, as reports have it."""


def certify(
    model: linopy.Model,
    options: Options,
    listener: Callable[[Progress], None] | None,
    run: Run,
    capabilities: Capabilities,
    algorithms: Sequence[str] = (),
    networks: bool = False,
) -> Solution:
    """Solves a linopy model by the runs of a solver, and says of the outcome what is proven.

    `algorithms` are those that are tried one after the other where the usual one ends without an answer.
    With `networks` a large program that is a network is solved as one first, unless the options say no.
    """
    started = time.perf_counter()
    message, matrix = _refusal(model, capabilities), None
    if not message:
        matrix = read(model)
        problem = scaling_problem(matrix)
        message = f"{problem.message}; no solver can be trusted with that" if problem else ""
    if message or matrix is None:
        return Solution(Status.ERROR, message=message, seconds=time.perf_counter() - started)
    deadline = Deadline(options.time_limit, started)
    scaled = scale_matrix(matrix)
    network = large_network(scaled) if networks and NETWORK not in options.without else None
    certification = _Certification(scaled, options, listener, run, deadline, tuple(algorithms), network)
    solution = certification.solve()
    if certification.raised is not None:
        raise certification.raised
    return replace(solution, seconds=time.perf_counter() - started, interrupted=certification.interrupted)


def _refusal(model: linopy.Model, capabilities: Capabilities) -> str:
    """Why the backend cannot take this model at all."""
    if model.is_quadratic:
        return "the objective is quadratic, which this solver is not given"
    if len(list(model.variables.sos)):
        return "the model has special ordered sets, which this solver is not given"
    if len(list(model.indicator_constraints)):
        return "the model has indicator constraints, which this solver is not given"
    if len(list(model.variables.semi_continuous)) and not capabilities.semicontinuous:
        return "the model has semicontinuous variables, which this solver does not take"
    return ""


@dataclass(frozen=True, slots=True)
class _Manner:
    """What is changed for a run, by its name in reports."""

    name: str
    careful: bool = False
    algorithm: str = ""


@dataclass(slots=True)
class _Certification:
    matrix: ModelMatrix
    options: Options
    listener: Callable[[Progress], None] | None
    run: Run
    deadline: Deadline
    algorithms: tuple[str, ...] = ()
    network: Network | None = None
    raised: BaseException | None = None
    interrupted: bool = False

    def solve(self) -> Solution:
        """The first answer that holds; where none does, the last that has a schedule, and is not proven."""
        if self.matrix.cost.size == 0:
            return self._without_columns()
        best: Solution | None = None
        attempts: list[Attempt] = []
        for manner in self._manners():
            if best is not None and (self.interrupted or self.deadline.left <= 0):
                why = "it was interrupted" if self.interrupted else "no time was left"
                status = best.status if best.status.has_schedule else Status.STOPPED
                again = "a second" if len(attempts) == 1 else "another"
                message = f"{best.message}, and {why} before {again} run"
                return replace(best, status=status, message=message, attempts=tuple(attempts))
            began = self.deadline.elapsed
            solution, sound = self._attempt(manner)
            attempts.append(Attempt("", manner.name, solution.message, self.deadline.elapsed - began))
            point_is_lost = best is not None and best.status.has_schedule and not solution.status.has_schedule
            if sound and not point_is_lost:
                return replace(solution, attempts=tuple(attempts))
            best = best if point_is_lost else solution
        assert best is not None
        return replace(best, attempts=tuple(attempts), unproven=best.status.has_schedule)

    def _manners(self) -> Iterator[_Manner]:
        if self.network is not None:
            yield _Manner(NETWORK, algorithm=NETWORK)
        yield _Manner(USUAL)
        yield _Manner("without presolve", careful=True)
        for algorithm in self.algorithms:
            yield _Manner(algorithm, algorithm=algorithm)

    def _attempt(self, manner: _Manner) -> tuple[Solution, bool]:
        """What one run proves, and whether what it claims agrees with that."""
        answer = self._ask(self.matrix, manner)
        if answer.termination in (Termination.UNBOUNDED, Termination.NO_OPTIMUM):
            answer = self._infeasible_or_unbounded(answer)
        if answer.termination is Termination.INFEASIBLE:
            return Solution(Status.INFEASIBLE, message=answer.message), not self.options.has_point
        if answer.termination is Termination.UNBOUNDED:
            return Solution(Status.UNBOUNDED, message=answer.message), True
        return self._believe(answer)

    def _believe(self, answer: RawSolution) -> tuple[Solution, bool]:
        stopped = answer.termination is Termination.LIMIT
        bound = self.matrix.in_model_units(answer.bound) if math.isfinite(answer.bound) else math.nan
        if answer.termination is Termination.FAILED:
            return Solution(Status.ERROR, message=answer.message), False
        if answer.point is None:
            if stopped:
                return Solution(Status.STOPPED, bound=bound, message=answer.message), True
            return Solution(Status.ERROR, message=f"{answer.message}, but it gave no point"), False
        point = self._exact_integers(answer.point)
        violation = self.matrix.violation(point)
        if violation > TOLERANCE:
            if stopped:
                return Solution(Status.STOPPED, bound=bound, message=answer.message), True
            message = f"{answer.message}, but its point violates the model by {violation:.2g}"
            return Solution(Status.ERROR, message=message), False
        return self._weigh(answer, point)

    def _weigh(self, answer: RawSolution, point: FloatArray) -> tuple[Solution, bool]:
        """Compares the value of a point that holds with the bound."""
        matrix = self.matrix
        value, size = float(matrix.cost @ point), float(np.abs(matrix.cost) @ np.abs(point))
        bound, message = answer.bound, answer.message
        if not matrix.is_discrete and answer.termination is Termination.OPTIMAL:
            # Weak duality proves an optimum without trust; a solver without duals must say a bound.
            proof = bound if answer.duals is None else dual_bound(matrix, answer.duals)
            bound = value if within(value, proof, size, PROVEN) else proof
        if bound > value and not within(value, bound, size, PROVEN):
            message, bound = f"{message}, but its bound lies beyond its value", math.nan
        if not math.isfinite(bound):
            status, bound = Status.FEASIBLE, math.nan
        elif within(value, bound, size, PROVEN):
            status, bound = Status.OPTIMAL, min(bound, value)
        elif within(value, bound, size, self.options.gap):
            status = Status.WITHIN_GAP
        else:
            status = Status.FEASIBLE
        sound = status is not Status.FEASIBLE or answer.termination is Termination.LIMIT
        if not sound:
            message = f"{message}, but its bound does not prove it"
        solution = Solution(
            status,
            matrix.in_model_units(value),
            matrix.in_model_units(bound),
            matrix.values(point),
            message=message,
            duals={} if answer.duals is None else matrix.duals(answer.duals),
        )
        return solution, sound

    def _exact_integers(self, point: FloatArray) -> FloatArray:
        """The point with exact integers: rounded where that holds, or else the best with them fixed.

        A binary of 5e-8 before a coefficient of 1e7 lets half a kilowatt through: rounding alone would
        break the row, and leaving it would break the meaning. A point that neither mends stays
        with its integers rounded, so that the check of the rows finds it out.
        """
        matrix = self.matrix
        if not matrix.is_discrete or not np.isfinite(point).all():
            return point
        rounded = np.where(matrix.integer, np.round(point) + 0.0, point)
        off = matrix.semicontinuous & (np.abs(rounded) < matrix.lower / 2)
        rounded = np.where(off, 0.0, rounded)
        if matrix.violation(rounded) <= EXACT:
            return rounded
        fixed = replace(
            matrix,
            lower=np.where(matrix.integer | off, rounded, matrix.lower),
            upper=np.where(matrix.integer | off, rounded, matrix.upper),
            integer=np.zeros_like(matrix.integer),
            semicontinuous=np.zeros_like(matrix.semicontinuous),
        )
        answer = self._ask(fixed, at_least=2.0)
        if answer.termination is Termination.OPTIMAL and answer.point is not None:
            mended = np.where(matrix.integer | off, rounded, answer.point)
            if matrix.violation(mended) < matrix.violation(rounded):
                return mended
        return rounded

    def _infeasible_or_unbounded(self, answer: RawSolution) -> RawSolution:
        """Infeasible or unbounded: whether there is a point at all, whatever it costs."""
        anywhere = replace(self.matrix, cost=np.zeros_like(self.matrix.cost))
        feasible = self._ask(anywhere)
        if feasible.termination is Termination.INFEASIBLE:
            return feasible
        if feasible.point is not None and self.matrix.violation(feasible.point) <= TOLERANCE:
            return replace(answer, termination=Termination.UNBOUNDED)
        if feasible.termination is Termination.LIMIT:
            return replace(feasible, point=None, bound=-math.inf)
        return RawSolution(Termination.FAILED, f"{answer.message}, and then {feasible.message}")

    def _ask(self, matrix: ModelMatrix, manner: _Manner | None = None, at_least: float = 0.0) -> RawSolution:
        options, manner = self.options, manner or _Manner("")
        request = Request(
            max(self.deadline.left, at_least),
            options.gap,
            options.threads,
            options.seed,
            options.extra,
            self._notify,
            manner.careful,
            self._interrupt,
            manner.algorithm,
        )
        try:
            if self.network is not None and manner.algorithm == NETWORK:
                return solve_network(self.network, request)
            return self.run(matrix, request)
        except MemoryError:  # no second run would end better
            raise
        except Exception as error:  # solvers raise what they like
            return RawSolution(Termination.FAILED, f"the solver failed with {type(error).__name__}: {error}")

    def _interrupt(self) -> None:
        self.interrupted = True

    def _notify(self, value: float, bound: float) -> bool:
        """Tells the listener; a `KeyboardInterrupt` of its stops the solver, which then keeps what it has."""
        if self.listener is None or self.interrupted:
            return not self.interrupted
        known = (self.matrix.in_model_units(x) if math.isfinite(x) else math.nan for x in (value, bound))
        try:
            self.listener(Progress(self.deadline.elapsed, *known))
        except KeyboardInterrupt:
            self.interrupted = True
        except BaseException as error:
            # A programmer's mistake: the solver is stopped first, and then it is raised.
            self.interrupted, self.raised = True, error
        return not self.interrupted

    def _without_columns(self) -> Solution:
        """A model without variables: its rows hold or they do not."""
        message, none = "the model has no variables", np.zeros(0)
        if self.matrix.violation(none) <= TOLERANCE:
            return Solution(Status.OPTIMAL, 0.0, 0.0, self.matrix.values(none), message=message)
        return Solution(Status.INFEASIBLE, message=f"{message}, and a row does not hold")


def within(value: float, bound: float, size: float, gap: float) -> bool:
    """`|value - bound| <= gap * |value|`, give or take the rounding of a sum of terms of this size."""
    return abs(value - bound) <= gap * abs(value) + 1e-9 * size + 1e-9
