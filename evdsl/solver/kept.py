"""A backend that remembers: a program like the last one begins at its basis, and at its integers.

Who asks many questions that hardly differ (`evdsl explain`, a panel) asks the same program with other
numbers. Kept are, by structure, the basis of the last optimum, and by the columns the last integers. A
program with integers is first answered without branch and bound:

    x the optimum with the integers as they were, where that is feasible
    b the value that the multipliers of the relaxation prove by weak duality
    x is optimal where cost x - b is within the gap

Else it is solved as any is. All of it passes `evdsl.solver.certify`, as cold answers do. Which of equal
optima comes out depends on what was asked before: what is stored, sent or printed as a schedule is solved
without a memory.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.model.capabilities import Capabilities
from evdsl.model.matrix import ModelMatrix
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.certify import certify, within
from evdsl.solver.choice import Choice
from evdsl.solver.muted_backend import MutedBackend, muted_backend
from evdsl.solver.run import RawSolution, Request, Run, Termination
from evdsl.solver.solution import Options, Solution
from evdsl.solver.weak_duality import dual_bound

if TYPE_CHECKING:
    import linopy

MOST = 12
"""Structures that are remembered; the one that was asked longest ago is forgotten."""

WHOLE = 1e-9
"""What the integers of a relaxation may miss whole numbers by."""

WarmRun = Callable[[ModelMatrix, Request, Any], tuple[RawSolution, Any]]
"""A run of a linear program from a basis (or `None`), and the basis that it ended with."""

T = TypeVar("T")


def kept(backend: Backend) -> Backend:
    """The backend as it remembers what it was asked before; itself where it cannot."""
    if isinstance(backend, Choice):
        return replace(backend, first=kept(backend.first))
    inner = backend.inner if isinstance(backend, MutedBackend) else backend
    remember = getattr(inner, "kept", None)
    return backend if remember is None else muted_backend(remember())


@dataclass(slots=True)
class KeptBackend:
    """See `evdsl.solver.backend.Backend`; one for each series of questions.

    `usual` is the backend without a memory, `cold` and `warm` its runs, `algorithms` its others. Programs of
    `largest` columns and more are not remembered.
    """

    usual: Backend
    cold: Run
    warm: WarmRun
    algorithms: Sequence[str]
    largest: int
    _bases: OrderedDict[bytes, Any] = field(default_factory=OrderedDict)
    _integers: OrderedDict[bytes, FloatArray] = field(default_factory=OrderedDict)

    @property
    def name(self) -> str:
        """That of the backend."""
        return self.usual.name

    @property
    def capabilities(self) -> Capabilities:
        """Those of the backend."""
        return self.usual.capabilities

    def version(self) -> str:
        """That of the backend."""
        return self.usual.version()

    def check_options(self, options: Options) -> list[Diagnostic]:
        """As the backend does."""
        return self.usual.check_options(options)

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """Solves a model as it stands; with options of the solver's own, as the backend does."""
        if options.extra:
            return self.usual.solve(model, options, listener)
        networks = self.capabilities.networks
        return certify(model, options, listener, self._run, self.capabilities, self.algorithms, networks)

    def _run(self, matrix: ModelMatrix, request: Request) -> RawSolution:
        special = request.careful or request.algorithm or len(matrix.cost) >= self.largest
        if special or matrix.semicontinuous.any():
            return self.cold(matrix, request)
        return self._whole(matrix, request) if matrix.is_discrete else self._linear(matrix, request)

    def _linear(self, matrix: ModelMatrix, request: Request) -> RawSolution:
        """A linear program from the basis of the last one of its structure."""
        key = _structure(matrix)
        answer, basis = self.warm(matrix, request, self._bases.get(key))
        if answer.termination is Termination.OPTIMAL:
            _remember(self._bases, key, basis)
        else:
            self._bases.pop(key, None)
        return answer

    def _whole(self, matrix: ModelMatrix, request: Request) -> RawSolution:
        """A program with integers: by its relaxation and the integers at hand where these agree."""
        key = hashlib.blake2b(matrix.integer.tobytes()).digest()
        answer = self._proven(matrix, request, self._integers.get(key))
        if answer is None:
            answer = self.cold(matrix, request)
        if answer.point is not None:
            _remember(self._integers, key, np.round(answer.point[matrix.integer]))
        return answer

    def _proven(
        self, matrix: ModelMatrix, request: Request, integers: FloatArray | None
    ) -> RawSolution | None:
        """An answer whose value its relaxation proves; `None` where there is none."""
        relaxation = replace(matrix, integer=np.zeros_like(matrix.integer))
        loose = self._linear(relaxation, request)
        if loose.termination is Termination.INFEASIBLE:
            return loose
        if loose.termination is not Termination.OPTIMAL or loose.duals is None or loose.point is None:
            return None
        bound = dual_bound(relaxation, loose.duals)
        at = loose.point[matrix.integer]
        if (np.abs(at - np.round(at)) <= WHOLE).all():
            integers = np.round(at)
        if integers is None:
            return None
        lower, upper = matrix.lower.copy(), matrix.upper.copy()
        if (integers < lower[matrix.integer]).any() or (integers > upper[matrix.integer]).any():
            return None
        lower[matrix.integer] = upper[matrix.integer] = integers
        fixed = self._linear(replace(relaxation, lower=lower, upper=upper), request)
        if fixed.termination is not Termination.OPTIMAL or fixed.point is None:
            return None
        value, size = float(matrix.cost @ fixed.point), float(np.abs(matrix.cost) @ np.abs(fixed.point))
        if not within(value, bound, size, request.gap):
            return None
        return RawSolution(Termination.OPTIMAL, fixed.message, fixed.point, bound)


def _structure(matrix: ModelMatrix) -> bytes:
    """What two programs share that differ in numbers alone."""
    digest = hashlib.blake2b(np.array([matrix.rows.shape], dtype=np.int64).tobytes())
    for array in (matrix.rows.indptr, matrix.rows.indices):
        digest.update(np.ascontiguousarray(array, dtype=np.int64).tobytes())
    return digest.digest()


def _remember(memory: OrderedDict[bytes, T], key: bytes, value: T) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > MOST:
        memory.popitem(last=False)
