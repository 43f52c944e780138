"""The contract of a solver, and what it says that it can take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.model.capabilities import Capabilities
from evdsl.solver.solution import Options, Progress, Solution

if TYPE_CHECKING:
    import linopy

Listener = Callable[[Progress], None]


@runtime_checkable
class Backend(Protocol):
    """A solver. It never prints, and never says `optimal` of what is not."""

    @property
    def name(self) -> str:
        """As `--backend` has it."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can solve."""

    def version(self) -> str:
        """The solver's own version."""

    def check_options(self, options: Options) -> list[Diagnostic]:
        """E604 for each extra option that the solver does not know, or whose value it cannot take."""

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """Solves a model as it stands. Errors of the solver become `Status.ERROR`, not exceptions."""


__all__ = ["Backend", "Capabilities", "Listener"]
