"""The backends that are installed: the entry points `evdsl.backends` of every package."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.solver.audit import solve
from evdsl.solver.backend import Backend
from evdsl.solver.choice import Choice
from evdsl.solver.muted_backend import load_muted
from evdsl.solver.solution import Options

GROUP = "evdsl.backends"

PREFERRED = ("highs", "scip")
"""Those that `auto` asks first, in this order; all others follow in that of their names."""


def installed_backends() -> dict[str, Backend]:
    """Every installed backend by name, in alphabetical order."""
    return {name: _load(name) for name in names()}


def names() -> list[str]:
    """The names of installed backends, without loading them."""
    return sorted(_entries())


def find(name: str) -> Backend | Diagnostic:
    """The backend of that name. `auto` is all of them, of which HiGHS is asked first."""
    known = names()
    if name == "auto" and known:
        first, *others = sorted(known, key=_rank)
        return Choice(_load(first), tuple(others), _load, solve)
    if name not in known:
        help = did_you_mean(name, [*known, "auto"]) or f"installed are {', '.join(known) or 'none'}"
        return Diagnostic("E603", f"there is no solver `{name}`", None, "", help)
    return _load(name)


def backend_of(backend: Backend | str) -> Backend:
    """A backend, or the one of a name. Raises `LookupError` where none has it."""
    found = find(backend) if isinstance(backend, str) else backend
    if isinstance(found, Diagnostic):
        raise LookupError(f"{found.message}; {found.help}")
    return found


def refuse_unknown_options(backend: Backend, options: Options) -> None:
    """Raises `ValueError` for an extra option that a backend does not know, or whose value it cannot take."""
    unknown = backend.check_options(options) if options.extra else []
    if unknown:
        raise ValueError("; ".join(f"{one.message}: {one.help}" for one in unknown))


@cache
def _entries() -> dict[str, EntryPoint]:
    # Asking reads the metadata of every installed package, which takes longer than a small solve.
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(name: str) -> Backend:
    return load_muted(_entries()[name].load)


def _rank(name: str) -> tuple[int, str]:
    return (PREFERRED.index(name) if name in PREFERRED else len(PREFERRED), name)
