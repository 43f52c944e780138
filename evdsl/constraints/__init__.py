"""Every toggle of the language, and what holds whatever is toggled."""

from __future__ import annotations

from collections.abc import Callable

from evdsl.builder import Builder
from evdsl.constraints import balance, exclusive, hold_port, import_or_export, partial_charging, v2g
from evdsl.schema import Toggle

TOGGLES: tuple[Toggle, ...] = (
    v2g.TOGGLE,
    partial_charging.TOGGLE,
    exclusive.TOGGLE,
    import_or_export.TOGGLE,
    hold_port.TOGGLE,
)

ALWAYS: tuple[Callable[[Builder], None], ...] = (balance.build,)
"""Constraints of every model."""

PLANNED_TOGGLES = ("min_power", "uninterrupted", "curtailment")
"""Toggles of the language that this version does not build."""
