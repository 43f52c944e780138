"""Requirements that are left open until a backend is known: what must hold, not how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from evdsl.diagnostics.source import Span

if TYPE_CHECKING:
    from evdsl.language.site import Outages


@dataclass(frozen=True, slots=True)
class Complementarity:
    """At each label at most one of two flows is above zero.

    `first` and `second` are names of variables; `first_at` and `second_at` the positions in them that
    belong together (None: all, in order); the caps are the tightest upper bounds known (kW).
    `gate` names a binary variable, with `gate_at`, without which both flows are zero anyway.
    `subject` is `vehicle`, `storage`, `connection`, `surplus`, `trip` or `departure`: what a rewrite may
    reason about.
    """

    name: str
    subject: str
    dimension: str
    first: str
    second: str
    first_cap: Any
    second_cap: Any
    owner: Span
    first_at: Any = None
    second_at: Any = None
    gate: str = ""
    gate_at: Any = None


@dataclass(frozen=True, slots=True)
class PortAssignment:
    """Each stay holds one port of a group from its begin to its end; a group has `count` of them.

    One entry an item: `group`, `begin` and `end` (hours), and `item_at`, the position of its binary in
    the variable `variable`; `counts` and `labels` are by group. Each of the `outages` holds a port of its
    group as well, without a binary.
    """

    name: str
    variable: str
    group: Any
    begin: Any
    end: Any
    counts: Any
    outages: Outages
    owner: Span


Combinatorial: TypeAlias = Complementarity | PortAssignment
