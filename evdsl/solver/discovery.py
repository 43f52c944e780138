"""The backends that are installed: the entry points `evdsl.backends` of every package."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.solver.backend import Backend
from evdsl.solver.muted_backend import load_muted

GROUP = "evdsl.backends"


def installed_backends() -> dict[str, Backend]:
    """Every installed backend by name, in alphabetical order."""
    return {name: _load(name) for name in names()}


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
    return _load(name)


@cache
def _entries() -> dict[str, EntryPoint]:
    # Asking reads the metadata of every installed package, which takes longer than a small solve.
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(name: str) -> Backend:
    return load_muted(_entries()[name].load)
