"""`auto`: all backends that are installed in the place of one, asked in turn until one has an answer.

An answer is a schedule whose worth is proven, a proof that there is none, or what a solver has when its
time is over or its user stops it. A backend that ends without one is followed by the next, which gets the
time that is left; what it says passes the same checks (`evdsl.solver.audit`). No other is asked of a model
whose numbers no solver can be trusted with, and none to which an option of the user is unknown. A backend
that the user names is asked alone: who compares two wants to know that one has failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.model.capabilities import Capabilities
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.scaling import scaling_problem
from evdsl.solver.solution import Deadline, Options, Solution, Status

if TYPE_CHECKING:
    import linopy

Ask = Callable[[Backend, "linopy.Model", Options, Listener | None], Solution]
"""How one of them is asked: `evdsl.solver.audit.solved`."""

MEASURED = "highs"
"""The backend of which docs/design/solvers.md says on what models others are faster."""


@dataclass(frozen=True, slots=True)
class Choice:
    """See `evdsl.solver.backend.Backend`; `others` are names of those that are asked after `first`, in turn.

    They are loaded when they are wanted. What can be solved is what `first` can solve.
    """

    first: Backend
    others: tuple[str, ...]
    load: Callable[[str], Backend]
    ask: Ask

    @property
    def name(self) -> str:
        """That of the backend that is asked first."""
        return self.first.name

    @property
    def capabilities(self) -> Capabilities:
        """Those of the backend that is asked first: a model is written for it."""
        return self.first.capabilities

    def version(self) -> str:
        """That of the backend that is asked first."""
        return self.first.version()

    def check_options(self, options: Options) -> list[Diagnostic]:
        """E604 for each extra option, unless a backend knows all of them."""
        wrong = self.first.check_options(options)
        return wrong if wrong and not any(self._able(options)) else []

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """The first answer; where there is none, the best of what there is, with every attempt."""
        deadline = Deadline.of(options)
        backends = self._able(options)
        asked = next(backends, self.first)
        best = replace(self.ask(asked, model, options, listener), choice=self._reason(asked, options, model))
        attempts = best.attempts
        for backend in () if best.is_answer or best.interrupted or _is_hopeless(model) else backends:
            if not _takes(backend, model):
                continue
            if deadline.left <= 0:
                best = _at_the_limit(best)
                break
            before = f"{asked.name} ended without an answer"
            solution = replace(self.ask(backend, model, deadline.within(options), listener), choice=before)
            asked = backend
            attempts += solution.attempts
            interrupted = solution.interrupted
            best = replace(_better(best, solution, model), interrupted=interrupted)
            if best.is_answer or interrupted:
                break
        return replace(best, attempts=attempts, seconds=deadline.elapsed)

    def _reason(self, asked: Backend, options: Options, model: linopy.Model) -> str:
        """Why this one is asked before all others; which is the faster, see docs/design/solvers.md."""
        if asked is not self.first:
            unknown = ", ".join(f"`{wrong}`" for wrong in options.extra)
            return f"{self.first.name} does not know all options that are given: {unknown}"
        if not self.others:
            return "no other solver is installed"
        name = asked.name
        if name != MEASURED:
            return f"{name} comes first of those that are installed: {', '.join((name, *self.others))}"
        if _whole(model):
            return f"{name} is asked first: no solver is the faster one on all models with integers"
        return f"{name} is asked first: no model without integers is known on which it is much slower"

    def _able(self, options: Options) -> Iterator[Backend]:
        """The backends that know every extra option, in turn."""
        for backend in self._backends():
            if not options.extra or not backend.check_options(options):
                yield backend

    def _backends(self) -> Iterator[Backend]:
        yield self.first
        for name in self.others:
            yield self.load(name)


def _takes(backend: Backend, model: linopy.Model) -> bool:
    """Whether a backend takes the integers of a model that was written for another one."""
    return backend.capabilities.integers or not _whole(model)


def _whole(model: linopy.Model) -> int:
    """How many families of variables take whole numbers alone."""
    return len(model.variables.binaries) + len(model.variables.integers)


def _is_hopeless(model: linopy.Model) -> bool:
    """Whether the numbers of a model are such that another solver would be asked in vain."""
    return scaling_problem(model) is not None


def _better(before: Solution, after: Solution, model: linopy.Model) -> Solution:
    """A schedule that holds is not lost to what has none, be it called a proof: the schedule disproves it."""
    if not before.status.has_schedule:
        return after if after.status is not Status.ERROR else before
    if not after.status.has_schedule:
        return before
    sign = -1.0 if model.objective.sense == "max" else 1.0
    return after if after.is_answer or sign * after.objective < sign * before.objective else before


def _at_the_limit(solution: Solution) -> Solution:
    """What is left of an end without an answer where no time is left to ask again."""
    status = solution.status if solution.status.has_schedule else Status.STOPPED
    message = f"{solution.message}, and no time was left for another solver"
    return replace(solution, status=status, message=message, unproven=False)
