"""The front between two expressions: schedules of which none is better in both.

With a and b as they are to be made small (a maximized one is turned round):

    end points    best a, then best b at that a;   best b, then best a at that b
    between them  for N - 2 levels of b, evenly spaced: best a with b <= level, then best b at that a

Claim: every point is Pareto-optimal, with integers too. Proof. Let (a*, b*) come from a level. A schedule
with a <= a*, b <= b* keeps the level, so a >= a* since a* was the best there: a = a*. Of those b* was the
best: b = b*. Without the second step an integer program could return a worse b at the same a.

A level that the point before it already keeps gives that point again, since its a was the best with
less asked of it: it is not solved. "Then at that a" is a row, held to 1e-6 as stages are
(`evdsl.optimization.stages`), so what repeats a point or is beaten by one is judged with a tolerance
(`evdsl.optimization.dominance`), left out and counted. Every point is a whole schedule, held against the
independent check; one that fails ends the front as an error. The row of a level is that of a stage, and both
expressions are stages of every point, so what a rewrite proves for the stages holds under it.

Source: Y. Haimes, L. Lasdon, D. Wismer, "On a bicriterion formulation of the problems of integrated system
identification and system optimization", IEEE Transactions on Systems, Man, and Cybernetics 1 (1971);
G. Mavrotas, "Effective implementation of the ε-constraint method", Applied Mathematics and Computation
213 (2009), for the second step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evdsl.data.data import Data
from evdsl.language.display import html_of
from evdsl.language.spec import Pareto, Spec, Stage
from evdsl.optimization.dominance import Point, undominated
from evdsl.optimization.problem import Problem, compile_spec
from evdsl.optimization.result import Result, StageResult
from evdsl.optimization.rounding import Worth, worth
from evdsl.semantics.front import FEWEST, MOST
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.solution import Deadline, Options, Status

OnPoint = Callable[[int, int], None]
"""Called before a solve with the number of the point and how many are asked for."""


@dataclass(frozen=True, slots=True)
class Front:
    """The points in order from the best first value to the best second one; every one is verified.

    `status` is `OPTIMAL` where all that was asked for was solved, `FEASIBLE` where a limit or Ctrl-C came
    before; without `points` it says why there are none, and `failed` is the run that said so. `asked` points
    were asked for, `tried` levels and ends came to an answer; `same` of them gave a point that
    was there, and `dominated` one that another beats.
    """

    spec: Spec
    data: Data
    backend: str
    status: Status
    points: tuple[Point, ...]
    asked: int
    tried: int
    same: int
    dominated: int
    seconds: dict[str, float]
    message: str = ""
    failed: Result | None = None
    interrupted: bool = False

    def _repr_html_(self) -> str | None:
        """As a notebook shows it."""
        return html_of(self)

    @property
    def axes(self) -> tuple[Stage, Stage]:
        """The two expressions."""
        assert self.spec.pareto is not None
        return self.spec.pareto.first, self.spec.pareto.second


def front(
    spec: Spec,
    backend: Backend | str = "auto",
    points: int | None = None,
    *,
    options: Options | None = None,
    listener: Listener | None = None,
    told: OnPoint | None = None,
    data: Data | None = None,
) -> Front:
    """The front that a spec asks for with `pareto`; `points` is how many, instead of the spec's number.

    A time limit is that of all points together. Raises `ValueError` for a spec without `pareto` or a number
    of points out of range, `LookupError` for an unknown solver, `SpecError` where data cannot be read.
    """
    asked = spec.pareto
    if asked is None:
        raise ValueError("the spec asks for no front: it has no `pareto EXPR, EXPR`")
    if points is not None and points not in range(FEWEST, MOST + 1):
        raise ValueError(f"a front has {FEWEST} to {MOST} points, and {points} are asked for")
    count = asked.points if points is None else points
    limits = options or Options().seeded(spec.seed)
    run = _Run(spec, asked, compile_spec(spec, data), backend, limits, listener, told, count)
    return run.front()


class _Run:
    """The solves of one front, one after the other, and what they came to."""

    def __init__(
        self,
        spec: Spec,
        asked: Pareto,
        problem: Problem,
        backend: Backend | str,
        options: Options,
        listener: Listener | None,
        told: OnPoint | None,
        count: int,
    ) -> None:
        self.spec, self.problem, self.backend, self.count = spec, problem, backend, count
        self.options, self.listener, self.told = options, listener, told
        self.axes = (asked.first, asked.second)
        self.deadline = Deadline.of(options)
        self.results: list[Result] = []
        self.tried = self.repeated = 0
        self.seconds: dict[str, float] = {}
        self.stopped: Result | None = None
        self.cut = False

    def front(self) -> Front:
        """Both ends, and the levels between them while nothing stops it."""
        first, second = self.axes
        sound = self._solved((first, second))
        # A first end that lacks its second step may do so since nothing bounds that: the other end says it.
        lacking = self.stopped is not None and self.stopped.status.has_schedule
        if lacking and not self._interrupted:
            self._solved((second, first))
        elif sound and self._solved((second, first)):
            worst, best = (self._worths(result)[1].value for result in self.results)
            self._between(worst, best)
        return self._ended()

    def _between(self, worst: float, best: float) -> None:
        first, second = self.axes
        reached = worst
        for number in range(1, self.count - 1):
            level = worst + (best - worst) * number / (self.count - 1)
            if second.sign * reached <= second.sign * level:
                self.tried, self.repeated = self.tried + 1, self.repeated + 1
            elif self._solved((first, second), level):
                reached = self._worths(self.results[-1])[1].value
            else:
                return

    def _solved(self, stages: tuple[Stage, Stage], level: float | None = None) -> bool:
        """Solves one point; whether the next may follow."""
        if self.results and not self.deadline.left:
            return False
        if self.told is not None:
            self.told(self.tried + 1, self.count)
        spec = replace(self.spec, stages=stages)
        program = replace(self.problem.program, spec=spec, stages=stages)
        # What is spent on the model is spent once.
        built = 0.0 if self.tried else self.problem.build_seconds
        problem = replace(self.problem, spec=spec, program=program, build_seconds=built)
        levels = () if level is None else (StageResult(stages[1], Status.OPTIMAL, level, level, 0.0),)
        options = self.deadline.within(self.options)
        try:
            result = problem.run(self.backend, options, self.listener, levels=levels)
        except KeyboardInterrupt:
            # Outside a solve: what was reached is kept.
            self.cut = True
            if not self.results:
                raise
            return False
        for name, spent in result.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + spent
        sound = result.status.has_schedule and (result.verdict is not None and result.verdict.ok)
        if sound:
            self.results.append(result)
        if not sound or result.interrupted or len(result.stages) < 2:
            self.stopped = result
            return False
        self.tried += 1
        return True

    def _worths(self, result: Result) -> tuple[Worth, Worth]:
        """What both expressions are worth in the schedule, whichever was solved first."""
        first, second = (worth(stage, result.terms, result.verdict) for stage in self.axes)
        assert first is not None, "a word without its settings is refused"
        assert second is not None, "a word without its settings is refused"
        return first, second

    def _ended(self) -> Front:
        failed = self._failed()
        if failed is not None:
            kept: Sequence[Point] = ()
            same = dominated = 0
            status, message = failed.status, failed.message
        else:
            found = [Point(self._worths(result), result) for result in self.results]
            kept, same, dominated = undominated(found, (self.axes[0].sign, self.axes[1].sign))
            status, message = self._status()
        return Front(
            self.spec,
            self.problem.data,
            self._backends,
            status,
            tuple(kept),
            self.count,
            self.tried,
            same + self.repeated,
            dominated,
            self.seconds,
            message,
            failed,
            self._interrupted,
        )

    @property
    def _backends(self) -> str:
        """Whose answers the points are, in order of the first one of each."""
        runs = self.results if self.stopped is None else [*self.results, self.stopped]
        return " and ".join(dict.fromkeys(name for run in runs for name in run.backend.split(" and ")))

    @property
    def _interrupted(self) -> bool:
        return self.cut or (self.stopped is not None and self.stopped.interrupted)

    def _failed(self) -> Result | None:
        """The run that leaves no front: one that says no schedule is there, or gave one that is wrong."""
        last = self.stopped
        if last is None or last.status.has_schedule or (self.results and last.status is Status.STOPPED):
            return None
        if last.status is Status.INFEASIBLE and self.results:
            # There is a schedule, so this is the solver's tolerance and not the spec.
            message = f"{last.backend} finds no schedule at a level of a front that has one"
            return replace(last, status=Status.ERROR, message=message)
        return last

    def _status(self) -> tuple[Status, str]:
        if self.tried < self.count:
            why = "it was interrupted" if self.cut else "the time limit was reached"
            message = self.stopped.message if self.stopped is not None else why
            return Status.FEASIBLE, message
        return Status.worst_of(result.status for result in self.results), ""
