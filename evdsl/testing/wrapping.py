"""A backend around another one: what it is asked is passed on, so that a solve may be seen or spoiled."""

from __future__ import annotations

from dataclasses import dataclass

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.model.capabilities import Capabilities
from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options


@dataclass(slots=True)
class Wrapped:
    """All of a backend but `solve`; the one inside does the work."""

    inner: Backend

    @property
    def name(self) -> str:
        """That of the backend inside."""
        return self.inner.name

    @property
    def capabilities(self) -> Capabilities:
        """Those of the backend inside."""
        return self.inner.capabilities

    def version(self) -> str:
        """That of the backend inside."""
        return self.inner.version()

    def check_options(self, options: Options) -> list[Diagnostic]:
        """As the backend inside does."""
        return self.inner.check_options(options)
