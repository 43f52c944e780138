"""Every toggle of the language, and what holds whatever is toggled."""

from __future__ import annotations

from collections.abc import Callable

from evdsl.builder import Builder
from evdsl.constraints import (
    balance,
    curtailment,
    exclusive,
    hold_port,
    import_or_export,
    min_power,
    partial_charging,
    uninterrupted,
    v2g,
)
from evdsl.schema import Toggle

TOGGLES: tuple[Toggle, ...] = (
    v2g.TOGGLE,
    partial_charging.TOGGLE,
    exclusive.TOGGLE,
    import_or_export.TOGGLE,
    hold_port.TOGGLE,
    min_power.TOGGLE,
    uninterrupted.TOGGLE,  # after min_power, whose binaries it uses
    curtailment.TOGGLE,
)

ALWAYS: tuple[Callable[[Builder], None], ...] = (balance.build,)
"""Constraints of every model."""
