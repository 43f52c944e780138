"""What a solver says: an honest status, a bound, and a value for each variable."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from numbers import Integral, Real
from typing import NoReturn

from evdsl.language.arrays import FloatArray

LARGEST_WHOLE = 1_000_000_000
A_MOMENT = 0.01
"""Seconds for a solve whose time is over: enough to say so."""


class Status(Enum):
    """How a solve ended. Only the first three come with a schedule."""

    OPTIMAL = "optimal"
    WITHIN_GAP = "within_gap"
    FEASIBLE = "feasible"
    STOPPED = "stopped"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    ERROR = "error"

    @property
    def has_schedule(self) -> bool:
        """Whether there is a point to make a schedule of."""
        return self in (Status.OPTIMAL, Status.WITHIN_GAP, Status.FEASIBLE)

    @classmethod
    def worst_of(cls, statuses: Iterable[Status]) -> Status:
        """The one that claims least of several that come with a schedule."""
        return max(statuses, key=[cls.OPTIMAL, cls.WITHIN_GAP, cls.FEASIBLE].index)


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may ask of any solver; each backend translates it.

    `time_limit` in seconds of wall clock; `gap` relative, `|value - bound| <= gap * |value|`; `threads` 0
    is the solver's choice; `extra` are options of the solver by its own names. Raises `ValueError` for what
    the command line refuses too. `has_point` where a point of the model is known, as of a later stage: then
    a solver that says that there is none is asked again, more carefully. `without` names rewrites
    (`evdsl.model.lower`) and ways of solving (`network`) that are left out.
    """

    time_limit: float | None = None
    gap: float = 1e-6
    threads: int = 0
    seed: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)
    has_point: bool = False
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.time_limit is not None and not (_is_number(self.time_limit) and self.time_limit > 0):
            _refuse("time_limit", self.time_limit, "a number of seconds above 0, or None for no limit")
        if not _is_number(self.gap) or not 0 <= self.gap < 1:
            _refuse("gap", self.gap, "a number from 0 to below 1, such as 0.01")
        if not _is_whole(self.threads) or not 0 <= self.threads < LARGEST_WHOLE:
            _refuse("threads", self.threads, "a whole number from 0, which is the solver's choice")
        if not _is_whole(self.seed) or not 0 <= self.seed < 2**31:
            _refuse("seed", self.seed, "a whole number from 0 to 2147483647")
        if not isinstance(self.extra, Mapping):
            _refuse("extra", self.extra, 'a mapping such as {"presolve": "on"}')
        for name, value in self.extra.items():
            if not isinstance(name, str) or not isinstance(value, str):
                wanted = f'texts, such as {{"{name}": "{value}"}}'
                raise ValueError(f"`extra` of the options has {name!r}: {value!r}; both are to be {wanted}")

    def seeded(self, seed: int) -> Options:
        """The same with the seed of a spec, which may be larger than those that solvers take."""
        return replace(self, seed=seed % 2**31)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _refuse(name: str, value: object, wanted: str) -> NoReturn:
    raise ValueError(f"`{name}` of the options is {value!r}; it is to be {wanted}")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the time of several solves together is over: `limit` seconds after `started`, or never."""

    limit: float | None
    started: float

    @classmethod
    def of(cls, options: Options) -> Deadline:
        """That of a time limit which begins now."""
        return cls(options.time_limit, time.perf_counter())

    @property
    def left(self) -> float:
        """Seconds until then, not below zero."""
        return math.inf if self.limit is None else max(self.limit - self.elapsed, 0.0)

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.started

    def within(self, options: Options) -> Options:
        """The options of one more solve, with the time that is left; with a moment where none is."""
        return options if self.limit is None else replace(options, time_limit=max(self.left, A_MOMENT))


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running solve stands; `nan` where nothing is known yet."""

    seconds: float
    value: float
    bound: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a solver within a solve, and how it ended; `stage` counts from 1, 0 outside of stages.

    `manner` is what was changed for it: nothing in the first, then the presolve, then the algorithm.
    """

    backend: str
    manner: str
    message: str
    seconds: float
    stage: int = 0


@dataclass(frozen=True, slots=True)
class Solution:
    """The end of one solve.

    `values` maps the name of each variable of the model to its values, in the shape of its labels;
    it is empty without a schedule. `objective` and `bound` are in the sense of the model, `nan` where there
    is none. `message` says what the solver said, in a sentence;
    `interrupted` that the user asked it to stop. `duals` maps the name of each constraint to
    the change of the objective per unit of its right-hand side; it is empty for models with
    integers, and for solvers without the capability.
    `attempts` are the runs that it took, in order, and `backend` whose answer this is. `unproven` marks a
    schedule whose worth the solver claimed and could not prove, though neither a limit nor a user stopped it.
    `choice` says why `auto` took the solver whose answer this is; it is empty where a user named one.
    """

    status: Status
    objective: float = float("nan")
    bound: float = float("nan")
    values: Mapping[str, FloatArray] = field(default_factory=dict)
    seconds: float = 0.0
    message: str = ""
    interrupted: bool = False
    duals: Mapping[str, FloatArray] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    backend: str = ""
    unproven: bool = False
    choice: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether it says something that another run would not have to say again."""
        return self.status is not Status.ERROR and not self.unproven

    @property
    def gap(self) -> float:
        """|objective - bound| relative to the objective; `nan` where one of them is missing."""
        return relative_gap(self.objective, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """`|value - bound| / |value|`, and the absolute distance for values below 1e-9."""
    distance = abs(value - bound)
    return distance / abs(value) if abs(value) > 1e-9 else distance
