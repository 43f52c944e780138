"""The contract of a solver, what it says it can take, and how installed ones are found."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.model.capabilities import Capabilities
from evdsl.solver.muted_backend import load_muted
from evdsl.solver.solution import Options, Progress, Solution

if TYPE_CHECKING:
    import linopy

GROUP = "evdsl.backends"

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


def installed() -> dict[str, Backend]:
    """Every installed backend by name, in alphabetical order."""
    return {name: _loaded(name) for name in names()}


def names() -> list[str]:
    """The names of installed backends, without loading them."""
    return sorted(_entries())


def find(name: str) -> Backend | Diagnostic:
    """The backend of that name. `auto` is the embedded default, HiGHS, or else the first installed."""
    known = names()
    if name == "auto" and known:
        name = "highs" if "highs" in known else known[0]
    if name not in known:
        help = did_you_mean(name, [*known, "auto"]) or f"installed are {', '.join(known) or 'none'}"
        return Diagnostic("E603", f"there is no solver `{name}`", None, "", help)
    return _loaded(name)


@cache
def _entries() -> dict[str, EntryPoint]:
    # Asking reads the metadata of every installed package, which takes longer than a small solve.
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _loaded(name: str) -> Backend:
    return load_muted(_entries()[name].load)


__all__ = ["Backend", "Capabilities", "Listener", "find", "installed", "names"]
