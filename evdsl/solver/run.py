"""One run of a solver: how it is asked for, and what it says in its own opinion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from evdsl.language.arrays import FloatArray
from evdsl.model.matrix import ModelMatrix


class Termination(Enum):
    """How a run of a solver ended, in its own opinion."""

    OPTIMAL = auto()
    LIMIT = auto()
    INFEASIBLE = auto()
    UNBOUNDED = auto()
    NO_OPTIMUM = auto()
    """Infeasible or unbounded; the solver does not know which."""
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class RawSolution:
    """What a solver says of one run, in the scaled units of the matrix that it was given.

    `point` is its best point, if any; `bound` a lower bound of the minimum; `duals` the change of
    the minimum per unit of each row's side, for linear programs of solvers that know it.
    """

    termination: Termination
    message: str = ""
    point: FloatArray | None = None
    bound: float = math.nan
    duals: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """How one run is asked for. `careful` asks for tight tolerances and no presolve, at any cost of time;
    `algorithm` names one of those beside the usual one that the backend has listed.

    `notify`, called about once a second from the thread of the call, takes the value and the bound so far,
    scaled; False makes the solver stop. A Ctrl-C at which a run keeps what it has is told to `interrupted`.
    """

    time_limit: float
    gap: float
    threads: int
    seed: int
    extra: Mapping[str, str]
    notify: Callable[[float, float], bool]
    careful: bool = False
    interrupted: Callable[[], object] = lambda: None
    algorithm: str = ""


Run = Callable[[ModelMatrix, Request], RawSolution]
