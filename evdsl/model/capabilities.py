"""What a backend can take: by this, not by its name, `evdsl.model.lower` chooses the rewrites."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can take. `evdsl.model.lower` brings a program into a form that it can."""

    integers: bool = False
    semicontinuous: bool = False
    sos: bool = False
    quadratic: bool = False
    duals: bool = False
    warm_start: bool = False
    progress: bool = False
    conflicts: bool = False
    networks: bool = False
    """Whether large programs that are networks are solved as flows first (`evdsl.solver.network`)."""
