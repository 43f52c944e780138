"""Where the compiler touches a solver's library: a backend whose every call is without output.

Solvers print when they like: HiGHS 1.15 with its first message, 1.16 as soon as an object is made, others on
import or at exit. A backend around another one closes the output for each call of it, its loading included,
and opens it for a listener, which may show progress. All backends pass through here: the shipped ones are
wrapped where they stand, others where they are found (`evdsl.solver.backend.find`) or given
(`evdsl.solver.audit.solved`).

At the end of the process: what a library has registered in a first call, to be run when Python ends, is run
between two handlers that close and open the output. What it prints later still, from a destructor in C,
Python cannot prevent; the command is safe from that too, since its output is not on descriptor 1
(`evdsl.cli.process`).
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdsl.model.capabilities import Capabilities
from evdsl.solver.choice import Choice
from evdsl.solver.redirect import change, muted, unmuted

if TYPE_CHECKING:
    import linopy

    from evdsl.diagnostics.diagnostic import Diagnostic
    from evdsl.solver.backend import Backend, Listener
    from evdsl.solver.solution import Options, Progress, Solution

_made: set[tuple[Hashable, str]] = set()
"""The calls that were made before: what they import is there, and registers nothing any more."""


@dataclass(frozen=True, slots=True)
class MutedBackend:
    """See `evdsl.solver.backend.Backend`; `inner` does the work."""

    inner: Backend

    @property
    def name(self) -> str:
        """That of the backend inside."""
        with contact(type(self.inner), "name"):
            return self.inner.name

    @property
    def capabilities(self) -> Capabilities:
        """Those of the backend inside."""
        with contact(type(self.inner), "capabilities"):
            return self.inner.capabilities

    def version(self) -> str:
        """That of the backend inside."""
        with contact(type(self.inner), "version"):
            return self.inner.version()

    def check_options(self, options: Options) -> list[Diagnostic]:
        """As the backend inside does."""
        with contact(type(self.inner), "check_options"):
            return self.inner.check_options(options)

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """As the backend inside does; the listener may print."""
        with contact(type(self.inner), "solve"):
            return self.inner.solve(model, options, None if listener is None else _audible(listener))


def muted_backend(backend: Backend) -> Backend:
    """The backend, without output; one that is muted already stays as it is, and several that are, too."""
    return backend if isinstance(backend, MutedBackend | Choice) else MutedBackend(backend)


def load_muted(load: Callable[[], Backend]) -> Backend:
    """The backend that a function loads, by an import that may print."""
    with contact(load, "load"):
        return muted_backend(load())


@contextmanager
def contact(owner: Hashable, call: str) -> Iterator[None]:
    """Around a call of a backend, or of what loads one: no output, and none at exit of what it registers.

    `owner` is what the call is the first of: the class of a backend, or the function that loads it.
    """
    key = (owner, call)
    first = key not in _made
    _made.add(key)
    # What is registered later is run earlier.
    if first:
        atexit.register(change, silent=-1)
    try:
        with muted(errors=True):
            yield
    finally:
        if first:
            atexit.register(change, silent=1)


def _audible(listener: Listener) -> Listener:
    def audible(progress: Progress) -> None:
        with unmuted():
            listener(progress)

    return audible
