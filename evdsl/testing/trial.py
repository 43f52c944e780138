"""One spec on trial: what was read, compiled and solved of it, each once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.model.capabilities import Capabilities
from evdsl.model.lower import SIMPLIFICATIONS, lower
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result
from evdsl.semantics.resolve import Overrides, resolve
from evdsl.solver.backend import Backend
from evdsl.solver.discovery import find
from evdsl.solver.solution import Options, Status
from evdsl.syntax import ast
from evdsl.testing.generate import nodes

Solver = Backend | str
"""A backend, or the name of one that is installed."""

SOLVERS: tuple[Solver, ...] = ("highs", "scip")
LIMIT = 5.0
"""Seconds that one solve of all stages may take."""


class StoppedError(Exception):
    """A solve stopped at its limit: it says nothing about the spec."""


@dataclass
class Trial:
    """A text with everything that was found out about it. `solves` counts, `stopped` those at the limit."""

    text: str
    overrides: Overrides = field(default_factory=Overrides)
    solvers: tuple[Solver, ...] = SOLVERS
    limit: float = LIMIT
    path: Path | None = None
    solves: Counter[str] = field(default_factory=Counter)
    _runs: dict[object, Result] = field(default_factory=dict)

    def changed(self, file: ast.File) -> Trial:
        """Another spec under the same circumstances; what is solved of it counts here."""
        return replace(self, text=nodes.print_file(file), _runs={})

    @cached_property
    def file(self) -> ast.File:
        """Its syntax."""
        return nodes.read_file(self.text)

    @cached_property
    def read(self) -> tuple[Spec | None, list[Diagnostic]]:
        """The spec and every finding, those of its data included."""
        spec, found = resolve(Source("spec", self.text, self.path), self.overrides)
        if spec is None:
            return None, found
        data, more = load_data(spec)
        self._data = data
        return (None if data is None else spec), [*found, *more]

    @property
    def spec(self) -> Spec:
        """The spec of a text that was taken."""
        spec = self.read[0]
        assert spec is not None
        return spec

    @property
    def data(self) -> Data:
        """Its data."""
        assert self.read[0] is not None
        assert self._data is not None
        return self._data

    @property
    def has_no_errors(self) -> bool:
        """Whether the spec has no errors."""
        return self.read[0] is not None

    def run(
        self,
        solver: Solver | None = None,
        without: tuple[str, ...] = (),
        seed: int = 0,
        extra: tuple[tuple[str, str], ...] = (),
    ) -> Result:
        """All stages solved; raises `StoppedError` where the limit came first."""
        solver = solver or self.solvers[0]
        key = (solver if isinstance(solver, str) else id(solver), without, seed, extra)
        if key not in self._runs:
            options = Options(time_limit=self.limit, seed=seed, extra=dict(extra))
            self.solves["solves"] += 1
            try:
                self._runs[key] = compile_spec(self.spec, self.data).run(solver, options, without=without)
            except MemoryError as error:
                self.solves["stopped"] += 1
                raise StoppedError(f"{name_of(solver)}: the memory is full") from error
        result = self._runs[key]
        if result.interrupted:  # by the user, who wants no other one either
            raise KeyboardInterrupt
        if result.status in (Status.STOPPED, Status.FEASIBLE) and result.seconds["solve"] >= 0.9 * self.limit:
            self.solves["stopped"] += 1
            raise StoppedError(f"{name_of(solver)}: {result.message}")
        return result

    @property
    def whole_steps(self) -> bool:
        """Whether every vehicle is there for whole steps, and asks for them: others round otherwise."""
        vehicles, horizon = self.data.vehicles, self.data.timeline.horizon
        asked = np.clip(np.concatenate([vehicles.arrival, vehicles.departure]), 0.0, horizon)
        taken = np.concatenate([vehicles.begin, vehicles.end])
        whole = (self.data.visits.presence > 1 - 1e-9).all() and (np.abs(asked - taken) < 1e-9).all()
        return bool(whole)

    @cached_property
    def rewrites(self) -> tuple[str, ...]:
        """The rewrites that the first solver's form of the model needs."""
        capabilities = backend_of(self.solvers[0]).capabilities
        return self._rewrites(capabilities)

    @cached_property
    def simplifications(self) -> frozenset[str]:
        """The rewrites that leave rules out, whatever the solvers."""
        return frozenset(self._rewrites(Capabilities(integers=True))) & {*SIMPLIFICATIONS}

    def _rewrites(self, capabilities: Capabilities) -> tuple[str, ...]:
        lowered = lower(compile_spec(self.spec, self.data).program, capabilities)
        return tuple(dict.fromkeys(applied.rewrite for applied in lowered.applied))


def backend_of(solver: Solver) -> Backend:
    """The backend that a name stands for; one that is not installed is a programmer's mistake."""
    backend = find(solver) if isinstance(solver, str) else solver
    assert not isinstance(backend, Diagnostic), backend
    return backend


def name_of(solver: Solver) -> str:
    """What a solver is called."""
    return solver if isinstance(solver, str) else solver.name


def outcome(result: Result) -> tuple[str, tuple[float, ...]]:
    """How a run ended, in words that two runs must share, and the values of its stages."""
    status = "optimal" if result.status is Status.WITHIN_GAP else result.status.value
    return status, tuple(stage.value for stage in result.stages)
